import { In, IsNull, LessThan, type EntityManager } from "typeorm";
import { instantColumn } from "../entities/instant.js";
import { SigningKey } from "../entities/signing-key.js";
import type { SigningKeyStore } from "../keys/signing-key-store.js";
import type { Database } from "./database.js";

/** A row as the drivers give it: instants as milliseconds. */
type Row = Record<keyof SigningKey, string | number | null>;

/** In one order: what is equal is seen to be equal. */
const LIST = `
  SELECT kid, algorithm, publicJwk, privateKey, creationTime, activationTime, tokensUntil, dropTime
  FROM signing_key ORDER BY kid`;

/** Signing keys in the database; their private halves arrive and leave sealed. */
export function createSigningKeyStore({ select, transact }: Database): SigningKeyStore {
  return {
    // The way of the row check: every node asks often, and must hear of a dropped key when logins crowd the other one.
    list: async () => ((await select(() => LIST, [])) as Row[]).map(keyOf),
    add: (key) =>
      transact(async (manager) => {
        await manager.insert(SigningKey, key);
      }),
    activate: (kid, at) => transact((manager) => activate(manager, kid, at)),
    drop: (kid, at, successor) =>
      transact(async (manager) => {
        await manager.update(SigningKey, { kid, dropTime: IsNull() }, { dropTime: at, privateKey: "" });
        if (typeof successor === "string") await activate(manager, successor, at);
        else if (successor) await manager.insert(SigningKey, successor);
      }),
    remove: (kids) =>
      transact(async (manager) => {
        await manager.delete(SigningKey, { kid: In([...kids]) });
      }),
    keepUntil: (kid, until) =>
      transact(async (manager) => {
        await manager.update(SigningKey, { kid, tokensUntil: LessThan(until) }, { tokensUntil: until });
      }),
    replacePrivateKey: (kid, from, to) =>
      transact(async (manager) => {
        await manager.update(SigningKey, { kid, privateKey: from }, { privateKey: to });
      }),
  };
}

async function activate(manager: EntityManager, kid: string, at: Date): Promise<void> {
  await manager.update(SigningKey, { kid, dropTime: IsNull() }, { activationTime: at });
}

const instant = (value: unknown) => instantColumn.from(value) as Date;

function keyOf(row: Row): SigningKey {
  return {
    kid: String(row.kid),
    algorithm: String(row.algorithm),
    publicJwk: String(row.publicJwk),
    privateKey: String(row.privateKey),
    creationTime: instant(row.creationTime),
    activationTime: instant(row.activationTime),
    tokensUntil: instant(row.tokensUntil),
    dropTime: row.dropTime === null ? null : instant(row.dropTime),
  };
}
