/** @apollo/gateway over the supergraph that compose.mjs printed. It verifies nothing: the subgraphs do. */
import { readFileSync } from "node:fs";
import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";

/** Hands the caller's credential on as it came. */
class WithCredential extends RemoteGraphQLDataSource {
  willSendRequest({ request, context }) {
    if (context.authorization) request.http.headers.set("authorization", context.authorization);
  }
}

const gateway = new ApolloGateway({
  supergraphSdl: readFileSync(process.env.SUPERGRAPH ?? "supergraph.graphql", "utf8"),
  buildService: ({ url }) => new WithCredential({ url }),
});
const server = new ApolloServer({ gateway, includeStacktraceInErrorResponses: false });
const { url } = await startStandaloneServer(server, {
  listen: { host: "127.0.0.1", port: Number(process.env.PORT ?? 4002) },
  context: async ({ req }) => ({ authorization: req.headers.authorization }),
});
console.log(`the supergraph is ready at ${url}`);
