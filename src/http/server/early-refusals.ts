import type { FastifyRequest } from "fastify";
import { badRequest } from "../../errors/latchkey-error.js";

/** Header lines of a request. Node drops what is beyond its own limit without a word, a credential perhaps. */
export const MAX_HEADERS = 100;

/**
 * Refuses, before the body is read, a request of which this gateway would see
 * less than a proxy before it, or something else: too many headers, no host or two
 * (RFC 9112 section 3.2), an expectation that is not known.
 *
 * @throws BAD_REQUEST with 431, 400 or 417.
 */
export async function refuseUnreadable(request: FastifyRequest): Promise<void> {
  const { rawHeaders, httpVersion } = request.raw;
  if (rawHeaders.length > 2 * MAX_HEADERS) throw badRequest("There are too many headers.", 431);
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host").length;
  if (hosts > 1 || (hosts === 0 && httpVersion !== "1.0")) throw badRequest("There must be one Host header.");
  if (httpVersion !== "1.0" && !isKnownExpectation(request.headers.expect)) {
    throw badRequest("The only expectation that is known is 100-continue.", 417);
  }
}

/** A list, in any case (RFC 9110 section 10.1.1). */
function isKnownExpectation(header = ""): boolean {
  const expectations = header.split(",").map((each) => each.trim().toLowerCase());
  return expectations.every((each) => each === "" || each === "100-continue");
}
