import { coprocessorRoute } from "./coprocessor/coprocessor.js";
import { verifyRoutes } from "./forward-auth/verify.js";
import { introspectRoute } from "./oauth/introspect.js";
import { revokeRoute } from "./oauth/revoke.js";
import { revocationsRoute } from "./revocation-feed/revocations.js";
import type { Route } from "./route.js";
import type { HttpServices } from "./services.js";
import { discoveryRoute } from "./well-known/discovery.js";

/** The endpoints for services, proxies and routers that rely on this gateway. */
export function serviceRoutes(services: HttpServices): Route[] {
  return [
    introspectRoute(services),
    revocationsRoute(services),
    revokeRoute(services),
    ...verifyRoutes(services),
    ...(services.config.coprocessor === "off" ? [] : [coprocessorRoute(services)]),
    discoveryRoute(services),
  ];
}
