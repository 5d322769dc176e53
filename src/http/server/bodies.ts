import type { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { badRequest } from "../../errors/latchkey-error.js";
import { parseForm } from "../../lib/parse-form.js";

/**
 * Makes JSON the only body that is read: a form or a text can be sent by any page without the
 * browser asking first. Keys that reach for a prototype are refused.
 *
 * @throws BAD_REQUEST: 415 for another content type or character set, 400 for what is not UTF-8 or not JSON.
 */
export function parseJsonBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const parse = server.getDefaultJsonParser("error", "error");
  server.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, (request, body, done) => {
    let text: string;
    try {
      text = decodeBody(request, body);
    } catch (error) {
      done(error as Error);
      return;
    }
    // Fastify's types allow a promise for an answer; its JSON parser calls back.
    void parse(request, text, done);
  });
  server.addContentTypeParser("*", (_request, _payload, done) => {
    done(badRequest("The body must be application/json.", 415));
  });
}

/** Every value of every name. */
export type FormBody = ReadonlyMap<string, string[]>;

/**
 * Makes a form the only body that is read, for routes whose standard asks for one and that no cookie opens.
 *
 * @throws BAD_REQUEST: 415 for another content type or character set, 400 for what is not UTF-8 or no form.
 */
export function parseFormBodies(routes: FastifyInstance): void {
  routes.removeAllContentTypeParsers();
  routes.addContentTypeParser<Buffer>(
    "application/x-www-form-urlencoded",
    { parseAs: "buffer" },
    async (request: FastifyRequest, body: Buffer): Promise<FormBody> => {
      const form = parseForm(decodeBody(request, body));
      if (form === null) throw badRequest("The body is not a form.");
      return form;
    },
  );
  routes.addContentTypeParser("*", async () => {
    throw badRequest("The body must be application/x-www-form-urlencoded.", 415);
  });
}

/** JSON text between systems is UTF-8 (RFC 8259 section 8.1); replacement characters would change a password. */
const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * The text of a body.
 * @throws BAD_REQUEST: 415 for another character set than UTF-8, 400 for bytes that are none.
 */
function decodeBody(request: FastifyRequest, body: Buffer): string {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(request.headers["content-type"] ?? "")?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) throw badRequest("The body must be UTF-8.", 415);
  try {
    return utf8.decode(body);
  } catch {
    throw badRequest("The body is not UTF-8.");
  }
}

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
