import type { FastifyReply, FastifyRequest } from "fastify";
import { LatchkeyError, badRequest } from "../../errors/latchkey-error.js";
import { toGraphqlError } from "../../errors/to-graphql-error.js";
import { logError } from "../../errors/log-error.js";

/** An error as one endpoint writes it. */
export interface PrintedError {
  body: object;
  /** Beside those that every error has. */
  headers?: Record<string, string>;
}

/** How an endpoint writes its errors. */
export type PrintError = (error: LatchkeyError, request: FastifyRequest) => PrintedError;

declare module "fastify" {
  interface FastifyContextConfig {
    /** Left out: GraphQL's error shape. */
    printError?: PrintError;
  }
}

/** What Fastify itself refuses, in our words: its own texts may repeat what was sent. */
const REFUSALS: Record<string, LatchkeyError> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: badRequest("The body must be application/json.", 415),
  FST_ERR_CTP_BODY_TOO_LARGE: badRequest("The body is too large.", 413),
  FST_ERR_CTP_EMPTY_JSON_BODY: badRequest("The body is empty."),
  FST_ERR_CTP_INVALID_JSON_BODY: badRequest("The body is not acceptable JSON."),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: badRequest("The body has another length than it says."),
  FST_ERR_BAD_URL: badRequest("The path is malformed."),
  FST_ERR_MAX_PARAM_LENGTH: badRequest("The path is too long.", 414),
};

/** The one way out for errors of the HTTP layer: JSON in the shape of the endpoint, never a text of the cause. */
export function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = toLatchkeyError(error);
  logError(request.log, known);
  return sendError(reply, known);
}

/** Writes an error as the endpoint's answer. */
export function sendError(reply: FastifyReply, error: LatchkeyError): FastifyReply {
  const print = reply.request.routeOptions.config.printError ?? asGraphql;
  const { body, headers } = print(error, reply.request);
  if (error.retryAfter !== undefined) reply.header("retry-after", String(error.retryAfter));
  if (headers) reply.headers(headers);
  // Here too, for no hook sees what Fastify refuses before it knows the route.
  endIfEarly(reply);
  return reply
    .code(error.status)
    .header("cache-control", "no-store")
    .type("application/json; charset=utf-8")
    .send(JSON.stringify(body));
}

/** Says that an answer which goes out before the client has sent all of its request ends the connection. */
export function endIfEarly(reply: FastifyReply): void {
  if (!reply.request.raw.complete) reply.header("connection", "close");
}

const asGraphql: PrintError = (error) => ({ body: { errors: [toGraphqlError(error)] } });

function toLatchkeyError(error: unknown): LatchkeyError {
  if (error instanceof LatchkeyError) return error;
  const { code, statusCode } = error as { code?: string; statusCode?: number };
  const refusal = code === undefined ? undefined : REFUSALS[code];
  if (refusal) return refusal;
  // What broke off while the body was read.
  if (statusCode === 400) return badRequest("The body could not be read.");
  return new LatchkeyError("INTERNAL_SERVER_ERROR", { cause: error });
}
