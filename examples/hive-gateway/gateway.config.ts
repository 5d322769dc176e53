import { createRemoteJwksSigningKeyProvider, defineConfig } from "@graphql-hive/gateway";

/** Latchkey as clients know it: its ISSUER. */
const issuer = process.env.ISSUER ?? "http://localhost:4000";

export const gatewayConfig = defineConfig({
  supergraph: process.env.SUPERGRAPH ?? "supergraph.graphql",
  jwt: {
    signingKeyProviders: [createRemoteJwksSigningKeyProvider({ jwksUri: `${issuer}/.well-known/jwks.json` })],
    // All three: the audience alone tells a privilege token from a user token.
    tokenVerification: { issuer, audience: "supergraph", algorithms: ["ES256"] },
    // Without a token one can still log in. A bad one is refused.
    reject: { missingToken: false, invalidToken: true },
  },
  genericAuth: {
    mode: "protect-granular",
    // The claims that were verified above; their `scope` is what @requiresScopes looks at.
    resolveUserFn: (context) => context.jwt?.payload,
    extractPolicies: (claims) => (claims ? [`role:${claims.role}`] : []),
  },
  // Each subgraph judges the token by itself: Latchkey does, by its row.
  propagateHeaders: {
    fromClientToSubgraphs: ({ request }) => ({
      authorization: request.headers.get("authorization") ?? undefined,
    }),
  },
});
