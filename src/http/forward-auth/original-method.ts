import type { IncomingHttpHeaders } from "node:http";
import { toldMethods } from "./told-methods.js";

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
