import type { FastifyRequest } from "fastify";
import { authenticate, type Authentication } from "../credentials/authenticate.js";
import { isCrossSiteRequest } from "../credentials/csrf.js";
import type { AttemptSourceAt } from "../credentials/attempt-source.js";
import { readCredential, type CredentialReading } from "../credentials/read-credential.js";
import type { Viewer } from "../credentials/viewer.js";
import { badRequest } from "../errors/latchkey-error.js";
import type { RequestOrigin } from "../tokens/new-token.js";
import type { HttpServices } from "./services.js";

/** The services that tell who sent a request. */
export type CallerServices = Authentication & Pick<HttpServices, "cookies" | "sessionPolicy">;

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
export function readPresented(
  { cookies }: Pick<HttpServices, "cookies">,
  request: FastifyRequest,
): Presented {
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
  services: CallerServices,
  request: FastifyRequest,
  presented: Presented,
  sourceAt: AttemptSourceAt,
): Promise<Caller> {
  const viewer = await authenticate(
    services,
    presented,
    sourceAt(() => request.ip),
  );
  const byCookie = viewer.kind === "user" && viewer.mechanism === "cookie";
  return {
    viewer,
    crossSite: byCookie && isCrossSiteRequest(request.raw.headers, services.sessionPolicy.allowedOrigins),
    deadCookie: viewer.kind === "invalid" && isCookie(presented, services.config),
  };
}

/**
 * Whether a refused credential is a session cookie that may be cleared. Of several, the good one would be cleared and
 * the one that a neighbouring host planted would stay; where a cookie alone is no credential, nobody has looked at it.
 */
function isCookie(presented: Presented, { sessionRequiresToken }: Authentication["config"]): boolean {
  if (presented.kind === "malformed") return presented.mechanism === "cookie" && !presented.ambiguous;
  return presented.kind === "token" && presented.mechanism === "cookie" && !sessionRequiresToken;
}

/** Where a request came from, as it is kept with the token that it makes. */
export function originOf(request: FastifyRequest): RequestOrigin {
  return { ip: request.ip, userAgent: request.headers["user-agent"] ?? null };
}
