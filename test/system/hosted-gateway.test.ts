import { bearer, loginUser, PASSWORD, registerUser } from "../support/client.js";
import { spawnGateway, startGateway, temporaryFolder, type RunningGateway } from "../support/gateway.js";

/** What differs from one gateway to another, and from one moment to the next. */
const VOLATILE: [RegExp, string][] = [
  [/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, "<jwt>"],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uuid>"],
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<instant>"],
  [/"expires":\d+/g, '"expires":<instant>'],
  [/"(kid|x|y)":"[\w-]+"/g, '"$1":"<key>"'],
  [/"(time|pid|responseTime|reqId)":("[^"]*"|[\d.]+)/g, '"$1":<any>'],
  [/127\.0\.0\.1:\d+/g, "127.0.0.1:<port>"],
];
const VOLATILE_HEADERS = new Set(["date", "etag", "content-length"]);

const settled = (text: string) => VOLATILE.reduce((held, [what, name]) => held.replace(what, name), text);

interface Exchange {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

const JSON_BODY = { "content-type": "application/json" };
const graphql = (query: string, headers: Record<string, string> = {}): Exchange => ({
  method: "POST",
  path: "/graphql",
  headers: { ...JSON_BODY, ...headers },
  body: JSON.stringify({ query }),
});

/** One exchange of each kind: documents, GraphQL, dialects, service endpoints, and what is refused on the way in. */
const exchanges = (token: string): Exchange[] => [
  { path: "/healthz" },
  { path: "/readyz" },
  { path: "/.well-known/jwks.json" },
  { path: "/.well-known/latchkey" },
  graphql("{ me { username role } }"),
  graphql("{ me { username role } }", bearer(token)),
  graphql("{ privilegeToken { privilege } }", bearer(token)),
  graphql("{ me { nothing } }"),
  graphql("{ __schema { queryType { name } } }"),
  graphql("{ me { username } }", bearer("not-a-token")),
  graphql("{ me { username } }", { ...bearer(token), "x-auth-token": token }),
  { method: "POST", path: "/graphql", headers: JSON_BODY, body: "{" },
  { method: "POST", path: "/graphql", headers: JSON_BODY, body: `{"query": "${"x".repeat(70_000)}"}` },
  { method: "POST", path: "/graphql", headers: { "content-type": "text/plain" }, body: "{ me { id } }" },
  { method: "DELETE", path: "/graphql" },
  { path: "/nowhere" },
  { method: "POST", path: "/login", headers: JSON_BODY, body: '{"username": "nobody", "password": "wrong"}' },
  { method: "POST", path: "/auth/bump", headers: bearer(token) },
  { path: "/security/privilegeToken", headers: { authorization: token } },
  { path: "/verify", headers: bearer(token) },
  { path: "/verify" },
  { method: "POST", path: "/introspect" },
  { method: "POST", path: "/auth/logout", headers: { authorization: `JWT ${token}` } },
  graphql("{ me { username } }", bearer(token)),
];

async function answer(url: string, { path, ...request }: Exchange) {
  const response = await fetch(`${url}${path}`, request);
  const headers = [...response.headers]
    .filter(([name]) => !VOLATILE_HEADERS.has(name))
    .map(([name, value]) => [name, settled(value)]);
  const body = settled(await response.text());
  return { request: `${request.method ?? "GET"} ${path}`, status: response.status, headers, body };
}

async function session(gateway: RunningGateway) {
  const { username } = await registerUser(gateway.graphql, { username: "ann" });
  const { token } = await loginUser(gateway.graphql, { userid: username, password: PASSWORD });
  const answers = [];
  for (const exchange of exchanges(token)) answers.push(await answer(gateway.url, exchange));
  return answers;
}

/** Without the lines of a process: its start, its signal and its end. */
const logOf = (gateway: RunningGateway) =>
  settled(gateway.output.log)
    .split("\n")
    .filter((line) => line !== "" && !/"msg":"(starting[^"]*|draining|stopped)"/.test(line));

it("a gateway in the process of a test worker answers and logs as one with a process of its own", async () => {
  const folder = temporaryFolder();
  const settings = (file: string) => ({ DATABASE_URL: `sqlite:${folder.path}/${file}`, LOG_LEVEL: "debug" });
  const hosted = await startGateway(settings("hosted.sqlite"));
  const spawned = await spawnGateway(settings("spawned.sqlite"));
  try {
    const answers = await session(hosted);
    expect(answers).toEqual(await session(spawned));
    expect(new Set(answers.map(({ status }) => status)).size).toBeGreaterThan(6);
  } finally {
    await Promise.all([hosted.stop(), spawned.stop()]);
    folder.remove();
  }
  expect(logOf(hosted)).toEqual(logOf(spawned));
  expect(logOf(hosted).length).toBeGreaterThan(5);
  expect(spawned.output.errors).not.toMatch(/warn|deprecat/i);
});
