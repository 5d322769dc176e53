import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import proxyaddr from "@fastify/proxy-addr";
import { badRequest } from "../../errors/latchkey-error.js";
import type { ProxyTrust } from "../server/proxy-trust.js";

/** A header's values, by its name. */
export type RouterHeaders = Record<string, readonly string[]>;

/** What a router tells of a client's request at one stage of it. */
export interface StageMessage {
  stage: string;
  /** The headers of the client's request. */
  headers: RouterHeaders;
  /** Of the client's request; null when the router did not say. */
  method: string | null;
  /** The whole message, as it was sent. */
  sent: Record<string, unknown>;
}

/**
 * Reads a message of the coprocessor protocol, version 1, which the Apollo Router and the Hive Router share.
 *
 * @throws BAD_REQUEST for anything else, and for a message without headers: every request would be anonymous, and the
 * operator of the router would not learn why.
 */
export function readStageMessage(body: unknown, stages: readonly string[]): StageMessage {
  if (!isObject(body)) throw badRequest("The message must be a JSON object.");
  const { version, stage, headers, method } = body;
  if (version !== 1) throw badRequest("The message must be of protocol version 1.");
  if (typeof stage !== "string" || !stages.includes(stage)) {
    throw badRequest(`The stage must be one of ${stages.join(", ")}.`);
  }
  if (!areHeaders(headers)) {
    throw badRequest("The stage must be set to send the request's headers, and they must be lists of texts.");
  }
  return { stage, headers, method: typeof method === "string" ? method : null, sent: body };
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function areHeaders(value: unknown): value is RouterHeaders {
  const isList = (values: unknown) =>
    Array.isArray(values) && values.every((each) => typeof each === "string");
  return isObject(value) && Object.values(value).every(isList);
}

/** As Node lists raw headers: name, value, name, value. */
export function rawHeadersOf(headers: RouterHeaders): string[] {
  return Object.entries(headers).flatMap(([name, values]) => values.flatMap((value) => [name, value]));
}

/** As Node merges headers: what is repeated is joined. */
export function mergedHeadersOf(headers: RouterHeaders): IncomingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [name.toLowerCase(), values.join(", ")]),
  );
}

/**
 * The address of the client of a router: the nearest address that is no trusted proxy, from the router back along the
 * `X-Forwarded-For` that the router received. A router that is not trusted is the client itself.
 */
export function forwardedClient(router: string, headers: RouterHeaders, trustsProxy: ProxyTrust): string {
  // proxyaddr reads nothing else of a request.
  const request = { socket: { remoteAddress: router }, headers: mergedHeadersOf(headers) };
  return proxyaddr(request as IncomingMessage, trustsProxy);
}
