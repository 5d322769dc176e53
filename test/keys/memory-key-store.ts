import type { SigningKey } from "../../src/entities/signing-key.js";
import type { SigningKeyStore } from "../../src/keys/key-ring.js";

/** The contract of SigningKeyStore over an array that the test can look into. */
export function createMemoryKeyStore(): SigningKeyStore & { rows: SigningKey[] } {
  const rows: SigningKey[] = [];
  return {
    rows,
    list: async () => rows.map((row) => ({ ...row })),
    add: async (key) => void rows.push(key),
    replacePrivateKey: async (kid, from, to) => {
      const row = rows.find((candidate) => candidate.kid === kid && candidate.privateKey === from);
      if (row) row.privateKey = to;
    },
  };
}
