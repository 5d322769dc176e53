import type { SigningKey } from "../../../src/entities/signing-key.js";
import type { SigningKeyStore } from "../../../src/keys/signing-key-store.js";

/** The contract of SigningKeyStore over an array that the test can look into. */
export function createMemoryKeyStore(): SigningKeyStore & { rows: SigningKey[] } {
  const rows: SigningKey[] = [];
  const find = (kid: string) => rows.find((row) => row.kid === kid);
  const store = {
    rows,
    list: async () => rows.map((row) => ({ ...row })),
    add: async (key: SigningKey) => void rows.push(key),
    activate: async (kid: string, at: Date) => void Object.assign(find(kid) ?? {}, { activationTime: at }),
    drop: async (kid: string, at: Date, successor: SigningKey | string | null) => {
      Object.assign(find(kid) ?? {}, { dropTime: at, privateKey: "" });
      if (typeof successor === "string") await store.activate(successor, at);
      else if (successor) await store.add(successor);
    },
    remove: async (kids: readonly string[]) => {
      for (const kid of kids)
        rows.splice(
          rows.findIndex((row) => row.kid === kid),
          1,
        );
    },
    keepUntil: async (kid: string, until: Date) => {
      const row = find(kid);
      if (row && row.tokensUntil < until) row.tokensUntil = until;
    },
    replacePrivateKey: async (kid: string, from: string, to: string) => {
      const row = rows.find((candidate) => candidate.kid === kid && candidate.privateKey === from);
      if (row) row.privateKey = to;
    },
  };
  return store;
}
