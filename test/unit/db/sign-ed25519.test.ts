import { createHash, createPublicKey, randomBytes, verify } from "node:crypto";
import { signNonce } from "../../../src/db/sign-ed25519.js";

/** What MariaDB stores for an account: the public key that belongs to its password. */
const publicKey = (stored: string) =>
  createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(stored, "base64").toString("base64url") },
    format: "jwk",
  });

describe("the proof of MariaDB's method ed25519", () => {
  // As `SELECT ed25519_password(…)` prints them.
  it.each([
    ["secret", "ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY"],
    ["", "4LH+dBF+G5W2CKTyId8xR3SyDqZoQjUNUVNxx8aWbG4"],
  ])("of the password %p is a signature of the key that the server stores", (password, stored) => {
    for (let round = 0; round < 8; round++) {
      const nonce = randomBytes(32);
      const signature = signNonce(nonce, password);
      expect(signature).toHaveLength(64);
      expect(verify(null, nonce, publicKey(stored), signature)).toBe(true);
      nonce[0]! ^= 1;
      expect(verify(null, nonce, publicKey(stored), signature)).toBe(false);
    }
  });

  it("is the same each time: nothing random can go wrong", () => {
    const nonce = createHash("sha256").update("nonce").digest();
    expect(signNonce(nonce, "secret")).toEqual(signNonce(nonce, "secret"));
    expect(signNonce(nonce, "secret")).not.toEqual(signNonce(nonce, "Secret"));
  });
});
