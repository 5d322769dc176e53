/** The parameters of a GraphQL request that may be left out (GraphQL over HTTP, section "Request Parameters"). */
const OPTIONAL = ["operationName", "variables", "extensions"];

/**
 * The body of a GraphQL request without optional parameters that are an empty text: clients and
 * tools send one for what is not set.
 */
export function withoutEmptyFields(body: unknown): unknown {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const fields = body as Record<string, unknown>;
  const empty = OPTIONAL.filter((name) => fields[name] === "");
  if (empty.length === 0) return body;
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !empty.includes(name)));
}

/**
 * The query string of a GraphQL request without optional parameters that are empty. One that
 * comes twice is left as it is: Apollo refuses it.
 */
export function withoutEmptySearch(search: string): string {
  if (search === "") return search;
  const parameters = new URLSearchParams(search);
  const empty = OPTIONAL.filter((name) => {
    const [value, ...more] = parameters.getAll(name);
    return value === "" && more.length === 0;
  });
  if (empty.length === 0) return search;
  for (const name of empty) parameters.delete(name);
  return `?${parameters.toString()}`;
}
