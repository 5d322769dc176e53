import { randomBytes } from "node:crypto";

/** 256 random bits: no slow hash is needed, for there is nothing to guess (ASVS 11.4.1 is about passwords). */
const SECRET_BYTES = 32;

/** Lets scanners of source code and logs know one when they see it. */
const PREFIX = "lkc_";

/** Base64url after the prefix: nothing that a form or a shell would have to escape. */
export function makeClientSecret(): string {
  return `${PREFIX}${randomBytes(SECRET_BYTES).toString("base64url")}`;
}

/** What is hashed: with the id, so that a digest copied to another row opens nothing. */
export function secretOfClient(id: string, secret: string): string {
  return `${id}:${secret}`;
}
