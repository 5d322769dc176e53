import type { Route } from "../route.js";
import { coprocessorRoute } from "./coprocessor.js";
import type { CoprocessorDeps } from "./coprocessor.js";
import { discoveryRoute } from "./discovery.js";
import type { DiscoveryDeps } from "./discovery.js";
import { introspectRoute } from "./introspect.js";
import type { IntrospectRouteDeps } from "./introspect.js";
import { revocationsRoute } from "./revocations.js";
import type { RevocationsRouteDeps } from "./revocations.js";
import { revokeRoute } from "./revoke.js";
import type { RevokeRouteDeps } from "./revoke.js";
import { verifyRoutes } from "./verify.js";
import type { VerifyRouteDeps } from "./verify.js";

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
