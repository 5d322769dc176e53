import { send, type GraphqlAnswer } from "./client.js";

/** What a router sends for accounts that another subgraph refers to. */
export const referenceTo = (id: unknown) => ({ __typename: "User", id });

/** Asks for accounts by reference, as a router does. */
export function resolveReferences(
  url: string,
  representations: unknown,
  headers: Record<string, string> = {},
  fields = "id username",
): Promise<GraphqlAnswer> {
  const query = `query Page__latchkey__1($representations: [_Any!]!) {
    _entities(representations: $representations) { ... on User { ${fields} } } }`;
  return send(url, query, { representations }, headers);
}
