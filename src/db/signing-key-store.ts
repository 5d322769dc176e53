import { In, IsNull, LessThan, type EntityManager } from "typeorm";
import { SigningKey } from "../entities/signing-key.js";
import type { SigningKeyStore } from "../keys/signing-key-store.js";
import type { Database } from "./database.js";
import { entityRows } from "./entity-rows.js";

/** Signing keys in the database. Private keys are sealed before they arrive here, and stay sealed. */
export function createSigningKeyStore(database: Database): SigningKeyStore {
  const { transact } = database;
  const keys = entityRows(database, SigningKey);
  // A fixed order: the key ring compares two lists as text.
  const selectAll = `SELECT ${keys.columns} FROM signing_key ORDER BY kid`;
  return {
    // On the connections of the row check. Every node reads the keys often, and must see a dropped key even while logins
    // occupy the other connections.
    list: async () => (await database.select(selectAll)).map(keys.read),
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
