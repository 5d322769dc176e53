import type { IncomingHttpHeaders } from "node:http";
import type { FastifyRequest } from "fastify";
import { authenticate, type AuthenticateDeps } from "../credentials/authenticate.js";
import { isCrossSiteRequest } from "../credentials/csrf.js";
import type { AttemptSourceAt } from "../credentials/attempt-source.js";
import { readCredential, type CredentialReading } from "../credentials/read-credential.js";
import type { Viewer } from "../credentials/viewer.js";
import { badRequest } from "../errors/latchkey-error.js";
import type { RequestOrigin } from "../tokens/new-token.js";
import type { SessionCookieFormat } from "./session-cookie.js";

/** What every door needs to know who is at it. */
export interface CallerDeps {
  authentication: AuthenticateDeps;
  cookies: SessionCookieFormat;
  /** Whether the browser that sent a request would keep a session cookie. */
  mayKeepSession: (headers: IncomingHttpHeaders) => boolean;
  /** Our own origin and the configured ones. */
  allowedOrigins: ReadonlySet<string>;
}

/** What a request presents: at most one credential. */
export type Presented = Exclude<CredentialReading, { kind: "ambiguous" }>;

/** Who sent a request, as far as its credential tells. */
export interface Caller {
  viewer: Viewer;
  /** The cookie is the credential, and a page of another origin may have sent the request. */
  crossSite: boolean;
  /** The session cookie was the credential, and is good for nothing any more: the answer is to clear it. */
  deadCookie: boolean;
}

/**
 * The one credential that a request presents; nothing is looked up for it.
 * @throws BAD_REQUEST for two of them.
 */
export function readPresented({ cookies }: CallerDeps, request: FastifyRequest): Presented {
  const presented = readCredential(request.raw.rawHeaders, cookies.name);
  if (presented.kind === "ambiguous") throw badRequest(presented.message);
  return presented;
}

/**
 * Authenticates what a request presents.
 *
 * @param sourceAt whose forgeries are counted, if at all.
 * @throws SERVICE_UNAVAILABLE when the row cannot be checked; TOO_MANY_REQUESTS when forgeries are counted, and were too many.
 */
export async function readCaller(
  deps: CallerDeps,
  request: FastifyRequest,
  presented: Presented,
  sourceAt: AttemptSourceAt,
): Promise<Caller> {
  const viewer = await authenticate(
    deps.authentication,
    presented,
    sourceAt(() => request.ip),
  );
  const byCookie = viewer.kind === "user" && viewer.mechanism === "cookie";
  return {
    viewer,
    crossSite: byCookie && isCrossSiteRequest(request.raw.headers, deps.allowedOrigins),
    deadCookie: viewer.kind === "invalid" && isCookie(presented, deps.authentication),
  };
}

/**
 * Whether a refused credential is a session cookie that may be cleared. Of several, the good one would be cleared and
 * the one that a neighbouring host planted would stay; where a cookie alone is no credential, nobody has looked at it.
 */
function isCookie(presented: Presented, { sessionRequiresToken }: AuthenticateDeps): boolean {
  if (presented.kind === "malformed") return presented.mechanism === "cookie" && !presented.ambiguous;
  return presented.kind === "token" && presented.mechanism === "cookie" && !sessionRequiresToken;
}

/** Where a request came from, as it is kept with the token that it makes. */
export function originOf(request: FastifyRequest): RequestOrigin {
  return { ip: request.ip, userAgent: request.headers["user-agent"] ?? null };
}
