import type { IncomingHttpHeaders } from "node:http";

/** RFC 9110 section 9.2.1. */
const SAFE_METHODS = ["GET", "HEAD", "OPTIONS", "TRACE"];

/** Where proxies write the method of the request that they ask about: Traefik and Caddy, nginx. */
const METHOD_HEADERS = ["x-forwarded-method", "x-original-method"];

/**
 * Whether the request that a proxy asks about only reads, so that a page of another origin gains nothing by
 * having sent it with the visitor's cookies. An unknown method may be anything. A WebSocket begins with
 * a GET and is none: the page that opened it reads the answers.
 *
 * @param own the method where the proxy asks with the very method of the request (Envoy).
 */
export function isRead(headers: IncomingHttpHeaders, own: string | null): boolean {
  if (headers["sec-websocket-key"] !== undefined) return false;
  const named = METHOD_HEADERS.map((name) => headers[name]).filter((value) => value !== undefined);
  const methods = [...(own === null ? [] : [own]), ...named];
  return methods.length > 0 && methods.every((method) => SAFE_METHODS.includes(String(method)));
}
