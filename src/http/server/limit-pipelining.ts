import type { FastifyInstance } from "fastify";
import { unavailable } from "../../errors/latchkey-error.js";

/** Requests under way on one connection. Clients of today send one; a few more harm nobody. */
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
