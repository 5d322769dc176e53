import type { ApolloServer } from "@apollo/server";
import type { AuthenticateClientDeps } from "../clients/authenticate-client.js";
import type { Services } from "../core.js";
import type { SessionPolicy } from "../credentials/may-keep-session.js";
import type { GraphqlContext } from "../graphql/context.js";
import type { InvalidTokenLimit } from "../limits/invalid-token-limit.js";
import type { ProxyTrust } from "./server/proxy-trust.js";
import type { Readiness } from "./server/health-routes.js";
import type { SessionCookieFormat } from "../credentials/session-cookie.js";

/** The services of the core, and those that only a gateway has. A route takes a `Pick` of it. */
export interface HttpServices extends Services {
  clients: AuthenticateClientDeps & Services["clients"];
  apollo: ApolloServer<GraphqlContext>;
  cookies: SessionCookieFormat;
  sessionPolicy: SessionPolicy;
  /** Null: nothing is limited. */
  invalidTokenLimit: InvalidTokenLimit | null;
  trustsProxy: ProxyTrust;
  readiness: Readiness;
  /** Records that a token was used; costs no I/O. */
  used: (tokenKey: string) => void;
}
