import type { FastifyRequest } from "fastify";
import { badRequest } from "../../errors/latchkey-error.js";

/** JSON text between systems is UTF-8 (RFC 8259 section 8.1); replacement characters would change a password. */
const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * The text of a body.
 * @throws BAD_REQUEST: 415 for another character set than UTF-8, 400 for bytes that are none.
 */
export function decodeBody(request: FastifyRequest, body: Buffer): string {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(request.headers["content-type"] ?? "")?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) throw badRequest("The body must be UTF-8.", 415);
  try {
    return utf8.decode(body);
  } catch {
    throw badRequest("The body is not UTF-8.");
  }
}
