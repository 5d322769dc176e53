import type { FastifyInstance } from "fastify";
import { badRequest } from "../../errors/latchkey-error.js";
import { parseForm } from "../../lib/parse-form.js";
import { decodeBody } from "./decode-body.js";

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
    async (request: Parameters<typeof decodeBody>[0], body: Buffer): Promise<FormBody> => {
      const form = parseForm(decodeBody(request, body));
      if (form === null) throw badRequest("The body is not a form.");
      return form;
    },
  );
  routes.addContentTypeParser("*", async () => {
    throw badRequest("The body must be application/x-www-form-urlencoded.", 415);
  });
}
