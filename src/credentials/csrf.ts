import type { IncomingHttpHeaders } from "node:http";
import { LatchkeyError } from "../errors/latchkey-error.js";

/** What an HTML form can send without the browser asking first (Fetch standard, CORS-safelisted request-header). */
const SIMPLE_TYPES = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

/**
 * Whether a page of another origin may have sent this request, with the
 * visitor's cookies (OWASP CSRF cheat sheet: Fetch Metadata, then Origin).
 * With neither header it is no browser of today, and a content type that a form
 * cannot send is proof enough.
 *
 * @param allowedOrigins our own origin and those that are configured.
 */
export function isCrossSiteRequest(
  headers: IncomingHttpHeaders,
  allowedOrigins: ReadonlySet<string>,
): boolean {
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
