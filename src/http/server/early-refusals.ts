import type { Server } from "node:http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { badRequest, unavailable } from "../../errors/latchkey-error.js";

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

/**
 * Makes `100 Continue` say that the body is being read (RFC 9110 section 10.1.1), where Node says it before anybody has
 * looked at the request: what is refused for its headers alone is refused at once, and its body never sent.
 */
export function answerExpectations(server: Server): void {
  server.on("checkContinue", (request, response) => {
    request.once("resume", () => {
      if (!response.headersSent && request.socket.writable) response.writeContinue();
    });
    server.emit("request", request, response);
  });
  // Node would answer without a body; refuseUnreadable does so in JSON.
  server.on("checkExpectation", (request, response) => server.emit("request", request, response));
}

/** Requests under way on one connection. Current clients send one at a time; a few more do no harm. */
const MAX_AT_ONCE = 8;

/**
 * Refuses requests that are pipelined without end on one connection: Node hands
 * them all out at once, and their answers wait in memory for a reader that may never come.
 *
 * @throws SERVICE_UNAVAILABLE
 */
export function limitPipelining(server: FastifyInstance): void {
  const underWay = new WeakMap<object, number>();
  server.addHook("onRequest", async (request) => {
    const count = (underWay.get(request.raw.socket) ?? 0) + 1;
    underWay.set(request.raw.socket, count);
    if (count > MAX_AT_ONCE) throw unavailable("too many requests are pipelined on one connection");
  });
  // Written out, and not only handed to the socket.
  server.addHook("onResponse", async (request) => {
    underWay.set(request.raw.socket, (underWay.get(request.raw.socket) ?? 1) - 1);
  });
}
