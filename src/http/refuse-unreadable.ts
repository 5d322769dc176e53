import type { FastifyRequest } from "fastify";
import { badRequest } from "../errors/latchkey-error.js";

/** Header lines of a request. Node drops what is beyond its own limit without a word, a credential perhaps. */
export const MAX_HEADERS = 100;

/**
 * Refuses, before the body is read, a request of which this gateway would see
 * less than a proxy before it, or something else: too many headers, no host or two
 * (RFC 9112 section 3.2).
 *
 * @throws BAD_REQUEST with 431 or 400.
 */
export async function refuseUnreadable(request: FastifyRequest): Promise<void> {
  const { rawHeaders, httpVersion } = request.raw;
  if (rawHeaders.length > 2 * MAX_HEADERS) throw badRequest("There are too many headers.", 431);
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host").length;
  if (hosts > 1 || (hosts === 0 && httpVersion !== "1.0")) throw badRequest("There must be one Host header.");
}
