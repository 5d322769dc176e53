import type { Credential, FetchHeaders, NodeHeaders } from "./read-token.js";
import type { PrivilegeViewer, UserViewer, Verification } from "./verification.js";
import type { Verifier } from "./verifier.js";

/** What a context holds. Building it never fails for a bad credential: the fields that need a viewer answer. */
export interface AuthContext<V> {
  /** For `requireViewer` and `requireScopes`. */
  auth: Verification<V>;
  /** Null when there is none, for whatever reason. */
  viewer: V | null;
}

interface HasHeaders {
  headers: NodeHeaders | FetchHeaders;
}

/** How Apollo Server's integrations hand a request over: `{ req }`, `{ request }`, or the request itself. */
export type ApolloRequest = { req: HasHeaders } | { request: HasHeaders } | HasHeaders;

function headersOf(argument: ApolloRequest): Credential {
  const request: Partial<HasHeaders> =
    "headers" in argument ? argument : "req" in argument ? argument.req : argument.request;
  // Wired wrongly; anonymous requests only would be the quiet alternative.
  if (typeof request.headers !== "object") throw new TypeError("apolloContext is given no request");
  return request.headers;
}

async function contextOf<V extends PrivilegeViewer | UserViewer>(
  verifier: Verifier<V>,
  credential: Credential,
): Promise<AuthContext<V>> {
  const auth = await verifier.verifyOnline(credential);
  return { auth, viewer: auth.ok ? auth.viewer : null };
}

/**
 * The `context` function for Apollo Server 5: the standalone server, and integrations that hand over a Node or
 * Fetch request (Express, Fastify, Next).
 */
export const apolloContext =
  <V extends PrivilegeViewer | UserViewer>(verifier: Verifier<V>) =>
  (argument: ApolloRequest): Promise<AuthContext<V>> =>
    contextOf(verifier, headersOf(argument));

/** The `context` function for GraphQL Yoga. */
export const yogaContext =
  <V extends PrivilegeViewer | UserViewer>(verifier: Verifier<V>) =>
  ({ request }: { request: { headers: FetchHeaders } }): Promise<AuthContext<V>> =>
    contextOf(verifier, request.headers);
