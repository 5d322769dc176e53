import type { IncomingHttpHeaders } from "node:http";
import { toldMethods } from "./told-methods.js";

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
