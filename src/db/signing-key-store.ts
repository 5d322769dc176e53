import { SigningKey } from "../entities/signing-key.js";
import type { SigningKeyStore } from "../keys/key-ring.js";
import type { Database } from "./database.js";

/** Signing keys in the database; their private halves arrive and leave sealed. */
export function createSigningKeyStore({ read, transact }: Database): SigningKeyStore {
  return {
    list: () => read((manager) => manager.find(SigningKey)),
    add: (key) =>
      transact(async (manager) => {
        await manager.insert(SigningKey, key);
      }),
    replacePrivateKey: (kid, from, to) =>
      transact(async (manager) => {
        await manager.update(SigningKey, { kid, privateKey: from }, { privateKey: to });
      }),
  };
}
