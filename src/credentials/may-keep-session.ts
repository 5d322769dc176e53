import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import type { Config } from "../config/config.js";

/** Which pages of other origins may use the session cookie. */
export interface SessionPolicy {
  sameSite: "lax" | "strict" | "none";
  /** The origin of the issuer. */
  ownOrigin: string;
  /** Our own origin and those that are configured. */
  allowedOrigins: ReadonlySet<string>;
}

export function sessionPolicyOf({
  issuer,
  allowedOrigins,
  sessionSameSite,
}: Pick<Config, "issuer" | "allowedOrigins" | "sessionSameSite">): SessionPolicy {
  const ownOrigin = new URL(issuer).origin;
  return { sameSite: sessionSameSite, ownOrigin, allowedOrigins: new Set([ownOrigin, ...allowedOrigins]) };
}

/**
 * Whether the browser that sent a request would keep a session cookie that the answer sets. With `lax` and `strict` it
 * drops one in the answer to a page of another site (RFC 6265bis section 5.7), so that a login would succeed without a
 * session. With `none` it keeps every one: then only a page whose origin is listed gets one, for any other could sign
 * its visitor in to an account of its choice.
 */
export function mayKeepSession(headers: IncomingHttpHeaders, policy: SessionPolicy): boolean {
  if (!isCrossSite(headers, policy.ownOrigin)) return true;
  return policy.sameSite === "none" && policy.allowedOrigins.has(headers.origin ?? "");
}

/**
 * Whether a page of another site has sent a request. Browsers of today say so themselves; of an older one only what is
 * certainly another site counts. What is no browser names no origin.
 */
function isCrossSite(headers: IncomingHttpHeaders, ownOrigin: string): boolean {
  const site = headers["sec-fetch-site"];
  if (site === "cross-site") return true;
  if (site === "same-origin" || site === "same-site" || site === "none") return false;
  const { origin, host } = headers;
  if (origin === undefined) return false;
  const page = hostOf(origin);
  if (page === null) return true;
  // By its own name and by the one that it was asked under.
  return ![hostOf(ownOrigin), hostOf(`http://${host ?? ""}`)].some(
    (own) => own !== null && shareSite(page, own),
  );
}

/** Null for `null`, the origin of a sandboxed page, and for what is none. */
function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).hostname || null : null;
}

/**
 * Whether two hosts may belong to one site. Hosts of one site have the last two labels in common at least; those that
 * have may still be two sites (`a.co.uk`, `b.co.uk`), which only a list of public suffixes tells.
 */
function shareSite(page: string, own: string): boolean {
  if (page === own) return true;
  if (isAddress(page) || isAddress(own)) return false;
  const [last, ...others] = [page, own].map((host) => host.split(".").slice(-2));
  return last?.length === 2 && others.every((labels) => labels.join(".") === last.join("."));
}

const isAddress = (host: string): boolean => isIP(host.replace(/^\[|\]$/g, "")) > 0;
