import type { FastifyInstance } from "fastify";
import { badRequest } from "../../errors/latchkey-error.js";
import { decodeBody } from "./decode-body.js";

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
