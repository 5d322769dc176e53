import type { AuthPlugin } from "mysql2";

/** The authentication methods that an account of the database may use, by the names that servers give them. */
export const AUTHENTICATION_METHODS = [
  "caching_sha2_password",
  "sha256_password",
  "mysql_native_password",
  "ed25519",
];

/** Bytes of the nonce that a server sends for `ed25519`. */
const NONCE_BYTES = 32;

/** The methods that mysql2 itself lacks, by the names that servers give the client's side of a method. */
export function authenticationPlugins(password: string): Record<string, AuthPlugin> {
  return {
    client_ed25519: () => async (data) => {
      // Loaded only if the account uses this method.
      const { signNonce } = await import("./sign-ed25519.js");
      return signNonce(data.subarray(0, NONCE_BYTES), password);
    },
  };
}
