/** A subgraph that knows by itself who calls, without asking anybody, and learns of every logout as it happens. */
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";
import { apolloContext, createVerifier, requireScopes, requireViewer } from "@latchkey/verify/graphql";

const verifier = createVerifier({
  issuer: process.env.ISSUER ?? "http://localhost:4000",
  // Where Latchkey is reached, when that is not the issuer's own address.
  gateway: process.env.GATEWAY,
  audience: "supergraph",
  // What `latchkey clients create posts` printed.
  client: { id: process.env.CLIENT_ID, secret: process.env.CLIENT_SECRET },
});

const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])

  type Query {
    posts: [Post!]!
    myPosts: [Post!]
  }

  type Mutation {
    addPost(title: String!): Post
  }

  type Post {
    title: String!
    author: User
  }

  type User @key(fields: "id") {
    id: ID!
  }
`);

/** Stands for your database. */
const posts = [];

const resolvers = {
  Query: {
    posts: () => posts,
    myPosts: (_parent, _args, { auth }) => {
      const viewer = requireViewer(auth);
      return posts.filter(({ authorId }) => authorId === viewer.userId);
    },
  },
  Mutation: {
    addPost: (_parent, { title }, { auth }) => {
      const viewer = requireScopes(auth, "account:write");
      const post = { title, authorId: viewer.userId };
      posts.push(post);
      return post;
    },
  },
  Post: { author: ({ authorId }) => ({ __typename: "User", id: authorId }) },
};

const server = new ApolloServer({
  schema: buildSubgraphSchema({ typeDefs, resolvers }),
  includeStacktraceInErrorResponses: false,
  plugins: [{ serverWillStart: async () => ({ serverWillStop: () => verifier.close() }) }],
});
// Nobody is let in before the keys and the feed have been read.
await verifier.ready();
const { url } = await startStandaloneServer(server, {
  listen: { host: "127.0.0.1", port: Number(process.env.PORT ?? 4001) },
  context: apolloContext(verifier),
});
console.log(`posts are ready at ${url}`);
