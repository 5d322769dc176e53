import type { FetchHeaders, RequestHeaders } from "./find-authorization.js";
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
  headers: RequestHeaders;
}

/** How Apollo Server's integrations hand a request over: `{ req }`, `{ request }`, or the request itself. */
export type ApolloRequest = { req: HasHeaders } | { request: HasHeaders } | HasHeaders;

const NO_REQUEST =
  "is given no request: it takes { req }, { request } or a request itself, with its headers. " +
  "Where there is no request, such as on AWS Lambda, call verifier.verify with the headers";

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** @throws TypeError where the context is wired wrongly; anonymous requests only would be the quiet alternative. */
function headersOf(name: string, argument: unknown): RequestHeaders {
  const { headers, req, request } = isObject(argument) ? argument : {};
  const found = [headers, ...[req, request].map((one) => (isObject(one) ? one.headers : undefined))];
  const first = found.find(isObject);
  if (first === undefined) throw new TypeError(`${name} ${NO_REQUEST}`);
  // What stands in it is looked at by `verify`, which refuses what is no headers.
  return first as unknown as RequestHeaders;
}

async function contextOf<V extends PrivilegeViewer | UserViewer>(
  verifier: Verifier<V>,
  headers: RequestHeaders,
): Promise<AuthContext<V>> {
  const auth = await verifier.verifyOnline(headers);
  return { auth, viewer: auth.ok ? auth.viewer : null };
}

/**
 * The `context` function for Apollo Server 5: the standalone server, and integrations that hand over a Node or
 * Fetch request (Express, Fastify, Next).
 */
export const apolloContext =
  <V extends PrivilegeViewer | UserViewer>(verifier: Verifier<V>) =>
  (argument: ApolloRequest): Promise<AuthContext<V>> =>
    contextOf(verifier, headersOf("apolloContext", argument));

/** The `context` function for GraphQL Yoga. */
export const yogaContext =
  <V extends PrivilegeViewer | UserViewer>(verifier: Verifier<V>) =>
  (argument: { request: { headers: FetchHeaders } }): Promise<AuthContext<V>> =>
    contextOf(verifier, headersOf("yogaContext", argument));
