import type { FastifyRequest } from "fastify";
import { badRequest } from "../../errors/latchkey-error.js";
import { MAX_JWT_LENGTH } from "#wire/parse-jwt.js";
import type { FormBody } from "../server/bodies.js";

/**
 * The `token` that a form asks about. Its `token_type_hint` is never needed: a token says what it is.
 *
 * @throws BAD_REQUEST when it is missing, sent twice (RFC 6749 section 3.2) or longer than a token can be.
 */
export function readTokenParameter({ body }: FastifyRequest): string {
  // Fastify parses no body where none was sent.
  const form = (body as FormBody | undefined) ?? new Map<string, string[]>();
  if ((form.get("token_type_hint") ?? []).length > 1) throw badRequest("token_type_hint was sent twice.");
  const [token, ...more] = form.get("token") ?? [];
  if (!token) throw badRequest("The token is missing.");
  if (more.length > 0) throw badRequest("The token was sent twice.");
  if (token.length > MAX_JWT_LENGTH) throw badRequest("The token is too long.");
  return token;
}
