import type { FastifyInstance, FastifyRequest } from "fastify";
import { badRequest } from "../errors/latchkey-error.js";
import { decodeBody } from "./decode-body.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** A request without a body is read as one, whatever its content type says of it. */
    mayBeEmpty?: boolean;
  }
}

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
    if (body.length === 0 && request.routeOptions.config.mayBeEmpty) {
      done(null, undefined);
      return;
    }
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
  server.addContentTypeParser("*", (request, _payload, done) => {
    if (isEmpty(request) && request.routeOptions.config.mayBeEmpty) done(null, undefined);
    else done(badRequest("The body must be application/json.", 415));
  });
}

/** RFC 9112 section 6.3: neither a length nor a transfer coding means that there is no body. */
function isEmpty({ headers }: FastifyRequest): boolean {
  return headers["transfer-encoding"] === undefined && Number(headers["content-length"] ?? 0) === 0;
}
