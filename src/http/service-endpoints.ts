import type { Route } from "./route.js";
import { coprocessorRoute } from "./coprocessor/coprocessor.js";
import type { CoprocessorDeps } from "./coprocessor/coprocessor.js";
import { discoveryRoute } from "./well-known/discovery.js";
import type { DiscoveryDeps } from "./well-known/discovery.js";
import { introspectRoute } from "./oauth/introspect.js";
import type { IntrospectRouteDeps } from "./oauth/introspect.js";
import { revocationsRoute } from "./revocation-feed/revocations.js";
import type { RevocationsRouteDeps } from "./revocation-feed/revocations.js";
import { revokeRoute } from "./oauth/revoke.js";
import type { RevokeRouteDeps } from "./oauth/revoke.js";
import { verifyRoutes } from "./forward-auth/verify.js";
import type { VerifyRouteDeps } from "./forward-auth/verify.js";

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
