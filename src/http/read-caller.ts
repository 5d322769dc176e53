import type { FastifyRequest } from "fastify";
import { authenticate, isBareCookie, type Authentication } from "../credentials/authenticate.js";
import { isCrossSite } from "../credentials/csrf.js";
import { readCredential, requireOneCredential, type Presented } from "../credentials/read-credential.js";
import type { Viewer } from "../credentials/viewer.js";
import type { RequestOrigin } from "../tokens/new-token.js";
import type { HttpServices } from "./services.js";

/** The services that tell who sent a request. */
export type CallerServices = Authentication & Pick<HttpServices, "cookies" | "sessionPolicy">;

/** Who sent a request, as far as its credential tells. */
export interface Caller {
  viewer: Viewer;
  /** The cookie is the credential, and a page of another origin may have sent the request. */
  crossSite: boolean;
  /** The session cookie was presented and refused: the answer must clear it. */
  deadCookie: boolean;
}

/**
 * The one credential that a request presents. Nothing is looked up for it.
 * @throws BAD_REQUEST for two credentials.
 */
export function readPresented(
  { cookies }: Pick<HttpServices, "cookies">,
  { raw }: FastifyRequest,
): Presented {
  return requireOneCredential(readCredential(raw.rawHeaders, cookies.name));
}

/**
 * Authenticates what a request presents.
 *
 * @throws SERVICE_UNAVAILABLE when the row cannot be read.
 */
export async function readCaller(
  services: CallerServices,
  request: FastifyRequest,
  presented: Presented,
): Promise<Caller> {
  return callerOf(services, request, presented, await authenticate(services, presented));
}

/** What else the credential of a request tells, once it is authenticated. */
export function callerOf(
  { config, sessionPolicy }: CallerServices,
  { raw }: FastifyRequest,
  presented: Presented,
  viewer: Viewer,
): Caller {
  return {
    viewer,
    crossSite: isCrossSite(viewer, raw.headers, sessionPolicy.allowedOrigins),
    deadCookie: viewer.kind === "invalid" && isClearable(presented, config),
  };
}

/**
 * Whether a refused credential is a session cookie that may be cleared. It may not when there are several: the good one
 * would be cleared, and the one that a neighbouring host planted would stay. It may not when a cookie alone is no
 * credential: nothing has checked it.
 */
function isClearable(presented: Presented, config: CallerServices["config"]): boolean {
  if (presented.kind === "malformed") return presented.mechanism === "cookie" && !presented.ambiguous;
  return presented.kind === "token" && presented.mechanism === "cookie" && !isBareCookie(presented, config);
}

/** Where a request came from, as it is kept with the token that it makes. */
export function originOf(request: FastifyRequest): RequestOrigin {
  return { ip: request.ip, userAgent: request.headers["user-agent"] ?? null };
}
