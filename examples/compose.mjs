/**
 * Composes Latchkey's subgraph and that of the posts into a supergraph. No server needs to run for it.
 *
 *   latchkey schema print --federation > accounts.graphql
 *   node compose.mjs accounts.graphql posts.graphql > supergraph.graphql
 *
 * ACCOUNTS_URL and POSTS_URL: where the router reaches the two.
 */
import { readFileSync } from "node:fs";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";

const files = process.argv.slice(2);
if (files.length !== 2) {
  console.error("usage: node compose.mjs accounts.graphql posts.graphql > supergraph.graphql");
  process.exit(2);
}
const { ACCOUNTS_URL = "http://localhost:4000/graphql", POSTS_URL = "http://localhost:4001" } = process.env;
const [accounts, posts] = files.map((file) => parse(readFileSync(file, "utf8")));

const { errors, supergraphSdl } = composeServices([
  { name: "accounts", url: ACCOUNTS_URL, typeDefs: accounts },
  { name: "posts", url: POSTS_URL, typeDefs: posts },
]);
if (errors) throw new AggregateError(errors, errors.map(({ message }) => message).join("\n"));
process.stdout.write(supergraphSdl);
