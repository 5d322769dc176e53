/** The other subgraph: posts, which know their authors by id. It asks Latchkey nothing; the router does. */
import { readFileSync } from "node:fs";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";

const typeDefs = parse(readFileSync(new URL("posts.graphql", import.meta.url), "utf8"));

/** Stands for your database: [{ id, title, authorId }]. */
const posts = JSON.parse(process.env.POSTS ?? "[]");

const resolvers = {
  Query: { posts: () => posts },
  Post: {
    __resolveReference: ({ id }) => posts.find((post) => post.id === id),
    author: ({ authorId }) => ({ __typename: "User", id: authorId }),
  },
  User: { posts: ({ id }) => posts.filter(({ authorId }) => authorId === id) },
};

const server = new ApolloServer({ schema: buildSubgraphSchema({ typeDefs, resolvers }) });
const listen = { host: "127.0.0.1", port: Number(process.env.PORT ?? 4001) };
const { url } = await startStandaloneServer(server, { listen });
console.log(`posts are ready at ${url}`);
