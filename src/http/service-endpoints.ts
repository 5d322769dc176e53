import type { Route } from "./route.js";
import { coprocessorRoute, type CoprocessorDeps } from "./coprocessor/coprocessor.js";
import { discoveryRoute, type DiscoveryDeps } from "./well-known/discovery.js";
import { introspectRoute, type IntrospectRouteDeps } from "./oauth/introspect.js";
import { revocationsRoute, type RevocationsRouteDeps } from "./revocation-feed/revocations.js";
import { revokeRoute, type RevokeRouteDeps } from "./oauth/revoke.js";
import { verifyRoutes, type VerifyRouteDeps } from "./forward-auth/verify.js";

export interface TrustRouteDeps {
  introspect: IntrospectRouteDeps;
  revocations: RevocationsRouteDeps;
  revoke: RevokeRouteDeps;
  verify: VerifyRouteDeps;
  /** Null: switched off. */
  coprocessor: CoprocessorDeps | null;
  discovery: DiscoveryDeps;
}

/** The machine doors: for services, proxies and routers that rely on this gateway. */
export function trustRoutes(deps: TrustRouteDeps): Route[] {
  return [
    introspectRoute(deps.introspect),
    revocationsRoute(deps.revocations),
    revokeRoute(deps.revoke),
    ...verifyRoutes(deps.verify),
    ...(deps.coprocessor ? [coprocessorRoute(deps.coprocessor)] : []),
    discoveryRoute(deps.discovery),
  ];
}
