import type { IncomingHttpHeaders } from "node:http";
import { LatchkeyError } from "../errors/latchkey-error.js";
import type { Viewer } from "./viewer.js";

/** What an HTML form can send without the browser asking first (Fetch standard, CORS-safelisted request-header). */
const SIMPLE_TYPES = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

/**
 * Whether a request has a valid credential in the session cookie, and a page of another origin may have sent it. This
 * is the one rule of all endpoints. Any token in the cookie counts, a privilege token too. A refused cookie does not:
 * it authorises nothing, and must not keep its owner from signing in again.
 *
 * @param allowedOrigins our own origin and those that are configured.
 */
export function isCrossSite(
  viewer: Viewer,
  headers: IncomingHttpHeaders,
  allowedOrigins: ReadonlySet<string>,
): boolean {
  const byCookie = "mechanism" in viewer && viewer.mechanism === "cookie";
  return byCookie && mayBeCrossSite(headers, allowedOrigins);
}

/**
 * Whether a page of another origin may have sent a request, with the cookies of its visitor (OWASP CSRF cheat sheet:
 * Fetch Metadata, then Origin). A request with neither header comes from no current browser. It passes when a form
 * cannot send its content type.
 */
function mayBeCrossSite(headers: IncomingHttpHeaders, allowedOrigins: ReadonlySet<string>): boolean {
  const site = headers["sec-fetch-site"];
  if (site === "same-origin" || site === "none") return false;
  const { origin } = headers;
  if (origin !== undefined) return !allowedOrigins.has(origin);
  if (site !== undefined) return true;
  const type = headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  return type === undefined || SIMPLE_TYPES.includes(type);
}

/**
 * Refuses a state-changing operation whose credential is the session cookie
 * when a page of another site may have sent it. Thrown before execution: 403.
 *
 * @throws FORBIDDEN
 */
export function assertNotCrossSite({ crossSite }: { crossSite: boolean }): void {
  if (crossSite) {
    throw new LatchkeyError("FORBIDDEN", {
      message: "Cross-site request refused: the session cookie was sent by a page of another site.",
    });
  }
}
