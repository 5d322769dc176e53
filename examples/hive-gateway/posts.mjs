/** The other subgraph. The directives of its schema are Hive Gateway's to enforce: let nobody else reach it. */
import { readFileSync } from "node:fs";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";

const typeDefs = parse(readFileSync(new URL("posts.graphql", import.meta.url), "utf8"));

/** Stands for your database: [{ title, authorId }]. */
const posts = JSON.parse(process.env.POSTS ?? "[]");

const resolvers = {
  Query: {
    posts: () => posts,
    drafts: () => [],
    statistics: () => posts.length,
    reports: () => ["all is well"],
  },
  Post: { author: ({ authorId }) => ({ __typename: "User", id: authorId }) },
};

const server = new ApolloServer({ schema: buildSubgraphSchema({ typeDefs, resolvers }) });
const listen = { host: "127.0.0.1", port: Number(process.env.PORT ?? 4001) };
const { url } = await startStandaloneServer(server, { listen });
console.log(`posts are ready at ${url}`);
