import { decodeFormValue } from "../lib/parse-form.js";
import { decodeBase64Utf8 } from "../lib/strict-base64.js";

/** What a client presents. Nothing about it is verified yet. */
export interface ClientCredential {
  id: string;
  secret: string;
}

/** Characters; ours have about 160, all of them escaped about 400. */
const MAX_LENGTH = 1024;

/**
 * Reads a client's id and secret from HTTP Basic. Both are form-encoded before
 * they are joined (RFC 6749 section 2.3.1): ours need no escapes, but some libraries escape `-` and `_` too.
 *
 * @param header the Authorization header.
 * @returns null when it is anything else than one well-formed pair.
 */
export function readClientCredential(header: string): ClientCredential | null {
  const [scheme = "", encoded = "", ...rest] = header.length > MAX_LENGTH ? [] : header.split(" ");
  if (scheme.toLowerCase() !== "basic" || rest.length > 0) return null;
  const [id, secret, ...more] = decodeBase64Utf8(encoded)?.split(":").map(decodeFormValue) ?? [];
  return id && secret && more.length === 0 ? { id, secret } : null;
}
