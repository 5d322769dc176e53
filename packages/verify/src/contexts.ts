import type { FetchHeaders, RequestHeaders } from "./find-authorization.js";
import type { PrivilegeViewer, UserViewer, Verification } from "./verification.js";
import type { Verifier } from "./verifier.js";

/** The GraphQL context. Creating it never fails for a bad credential: only fields that need a viewer do. */
export interface AuthContext<V> {
  /** For `requireViewer` and `requireScopes`. */
  auth: Verification<V>;
  /** Null when the request has no viewer, for whatever reason. */
  viewer: V | null;
}

interface HasHeaders {
  headers: RequestHeaders;
}

/** The forms in which Apollo Server's integrations pass a request: `{ req }`, `{ request }`, or the request itself. */
export type ApolloRequest = { req: HasHeaders } | { request: HasHeaders } | HasHeaders;

const NO_REQUEST =
  "needs a request: { req }, { request } or a request itself, with its headers. " +
  "Where there is no request, as on AWS Lambda, call verifier.verify with the headers";

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** @throws TypeError when there is no request. Otherwise a wiring mistake would make every caller anonymous. */
function headersOf(name: string, argument: unknown): RequestHeaders {
  const { headers, req, request } = isObject(argument) ? argument : {};
  const found = [headers, ...[req, request].map((one) => (isObject(one) ? one.headers : undefined))];
  const first = found.find(isObject);
  if (first === undefined) throw new TypeError(`${name} ${NO_REQUEST}`);
  // `verify` checks the content, and refuses what is not headers.
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
 * The `context` function for Apollo Server 5: for the standalone server, and for integrations that pass a Node or
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
