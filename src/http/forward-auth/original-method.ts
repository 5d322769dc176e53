import type { IncomingHttpHeaders } from "node:http";

/** RFC 9110 section 9.2.1. */
const SAFE_METHODS = ["GET", "HEAD", "OPTIONS", "TRACE"];

/**
 * Whether the request that a proxy asks about only reads, so that a page of another origin gains nothing by
 * having sent it with the visitor's cookies. An unknown method may be anything. A WebSocket begins with
 * a GET and is none: the page that opened it reads the answers.
 *
 * @param own the method where the proxy asks with the very method of the request (Envoy).
 */
export function isRead(headers: IncomingHttpHeaders, own: string | null): boolean {
  if (headers["sec-websocket-key"] !== undefined) return false;
  const methods = toldMethods(headers, own);
  return methods.length > 0 && methods.every((method) => SAFE_METHODS.includes(method));
}

/** One origin as a browser writes it, `null` included; Node joins repeated headers with a comma. */
const ORIGIN = /^[\x21-\x2b\x2d-\x7e]+$/;

/** RFC 9110 section 9.1: a method is a token. */
const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * Whether the request that a proxy asks about is a CORS preflight (Fetch standard, "CORS-preflight request"): the
 * method is OPTIONS by everything that is told of it, and the two headers that browsers send with one are there once.
 */
export function isPreflight(headers: IncomingHttpHeaders): boolean {
  const methods = toldMethods(headers, null);
  return (
    methods.length > 0 &&
    methods.every((method) => method === "OPTIONS") &&
    ORIGIN.test(headers.origin ?? "") &&
    METHOD.test(headers["access-control-request-method"] ?? "")
  );
}

/** Where proxies write the method of the request that they ask about: Traefik and Caddy, nginx. */
const METHOD_HEADERS = ["x-forwarded-method", "x-original-method"];

/**
 * Every method that the request which a proxy asks about is said to have. They should agree: a client may have
 * written the header that its proxy does not set.
 *
 * @param own the method where the proxy asks with the very method of the request (Envoy).
 */
function toldMethods(headers: IncomingHttpHeaders, own: string | null): string[] {
  const named = METHOD_HEADERS.map((name) => headers[name]).filter((value) => value !== undefined);
  return [...(own === null ? [] : [own]), ...named.map(String)];
}
