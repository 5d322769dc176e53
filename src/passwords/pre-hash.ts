import { createHmac } from "node:crypto";

/**
 * What bcrypt and argon2id are given instead of the password: base64(HMAC-SHA-384(pepper, password)), of one of the
 * forms of comparable-forms.
 *
 * Always 64 ASCII characters, so bcrypt's 72-byte limit and NUL never cut a password short, and a copied
 * table alone gives no password to try (OWASP Password Storage: pre-hashing with a pepper).
 */
export function preHash(pepper: Uint8Array, form: string): string {
  return createHmac("sha384", pepper).update(form, "utf8").digest("base64");
}

/**
 * Whether every surrogate has its partner. UTF-8 writes each lone one as U+FFFD, so that without this
 * check different strings would be one password.
 */
export function isWellFormed(password: string): boolean {
  return !/\p{Surrogate}/u.test(password);
}
