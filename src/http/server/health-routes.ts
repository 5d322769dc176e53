import type { FastifyReply, FastifyRequest } from "fastify";
import { LatchkeyError } from "../../errors/latchkey-error.js";
import { sendError } from "./handle-error.js";

export interface Readiness {
  /** True once the process has begun to stop. */
  draining(): boolean;
  /** Throws when the database does not answer or no key can sign. */
  check(): Promise<void>;
}

/** The process lives. Says nothing of what it depends on: a restart would not mend that. */
export function healthRoute(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.send({ status: "ok" });
}

/** The gateway can serve: migrations done, keys loaded, database answering, not draining. Else 503. */
export function readinessRoute(readiness: Readiness) {
  return async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    if (readiness.draining()) {
      return sendError(
        reply,
        new LatchkeyError("SERVICE_UNAVAILABLE", { message: "Stopping.", retryAfter: 1 }),
      );
    }
    await readiness.check();
    return reply.send({ status: "ready" });
  };
}
