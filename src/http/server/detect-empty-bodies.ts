import type { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { badRequest } from "../../errors/latchkey-error.js";

const BODY_HEADERS = ["content-type", "content-length", "transfer-encoding"];

/**
 * Makes a body of no bytes no body at all, whether a length of 0, chunks or nothing frames it (RFC 9112 section 6):
 * proxies change the framing. What its headers say of its type and coding then says nothing.
 *
 * @throws BAD_REQUEST with 415 for a body that is compressed.
 */
export function detectEmptyBodies(server: FastifyInstance): void {
  server.addHook("preParsing", (request, reply, payload, done) => {
    const proceed = (isEmpty: boolean) => {
      if (isEmpty) hideBodyHeaders(request);
      const refusal = isEmpty ? null : refusalOfCoding(request, reply);
      if (refusal) done(refusal);
      else done(null, payload);
    };
    if (request.headers["transfer-encoding"] === undefined) {
      proceed(Number(request.headers["content-length"] ?? 0) === 0);
      return;
    }
    hasBytes(payload).then(
      (some) => {
        proceed(!some);
      },
      () => {
        done(badRequest("The body could not be read."));
      },
    );
  });
}

/** From Fastify alone, which looks at them before any parser does: `request.raw.headers` keeps them. */
function hideBodyHeaders(request: FastifyRequest): void {
  if (BODY_HEADERS.every((name) => request.headers[name] === undefined)) return;
  request.headers = Object.fromEntries(BODY_HEADERS.map((name) => [name, undefined]));
}

function refusalOfCoding({ headers }: FastifyRequest, reply: FastifyReply): Error | null {
  const coding = headers["content-encoding"];
  if (coding === undefined || coding.toLowerCase() === "identity") return null;
  reply.header("accept-encoding", "identity");
  return badRequest("The body must not be compressed.", 415);
}

/** Waits for the first bytes, and puts them back, or for the end. */
function hasBytes(payload: Readable): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const stopListening = () => {
      payload.off("data", onData).off("end", onEnd).off("error", onError).off("close", onError);
    };
    const onData = (chunk: Buffer) => {
      stopListening();
      payload.pause();
      payload.unshift(chunk);
      resolve(true);
    };
    const onEnd = () => {
      stopListening();
      resolve(false);
    };
    const onError = () => {
      stopListening();
      reject(new Error("the body broke off"));
    };
    payload.on("data", onData).on("end", onEnd).on("error", onError).on("close", onError);
  });
}
