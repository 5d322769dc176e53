/**
 * The entry point for GraphQL servers: the verifier, contexts and guards. Only this one loads `graphql`, by a static
 * import, so that the guards throw errors of the copy that the server itself has loaded or bundled.
 */
export * from "./index.js";
export { apolloContext, yogaContext, type ApolloRequest, type AuthContext } from "./contexts.js";
export { requireScopes, requireViewer, type GuardReason } from "./guards.js";
