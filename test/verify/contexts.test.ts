import { randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { fastify } from "fastify";
import { GraphQLError } from "graphql";
import { apolloContext, requireScopes, requireViewer, yogaContext } from "../../src/verify/index.js";
import type { AuthContext, PrivilegeViewer, RefusalCode, Verification } from "../../src/verify/index.js";
import { startFeedServer } from "./feed-server.js";
import type { FeedServer } from "./feed-server.js";
import { until } from "../support/until.js";
import { endAll, endings, readyVerifierOf, userVerifierOf, verifierOf } from "./verifiers.js";

let server: FeedServer;
beforeEach(async () => {
  server = await startFeedServer();
  endings.push(() => server.stop());
});
afterEach(endAll);

type Context = AuthContext<PrivilegeViewer>;

const typeDefs = "type Query { open: String! whoami: String secret: String }";
const resolvers = {
  Query: {
    open: (_: unknown, __: unknown, { viewer }: Context) => viewer?.username ?? "nobody",
    whoami: (_: unknown, __: unknown, { auth }: Context) => requireViewer(auth).username,
    secret: (_: unknown, __: unknown, { auth }: Context) => requireScopes(auth, "users:read").userId,
  },
};

/** An Apollo server as its users start one; asks it as a client does. */
async function startApollo(verifier: Awaited<ReturnType<typeof readyVerifierOf>>) {
  const apollo = new ApolloServer<Context>({ typeDefs, resolvers });
  const { url } = await startStandaloneServer(apollo, {
    listen: { port: 0, host: "127.0.0.1" },
    context: apolloContext(verifier),
  });
  endings.push(() => apollo.stop());
  return async (query: string, token?: string) => {
    const headers = {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query }) });
    const { data, errors } = (await response.json()) as { data: unknown; errors?: { extensions: object }[] };
    return { data, error: errors?.[0]?.extensions };
  };
}

describe("apolloContext", () => {
  it("gives resolvers the viewer, and the guards answer in the gateway's words", async () => {
    const verifier = await readyVerifierOf(server);
    const ask = await startApollo(verifier);
    const sub = randomUUID();
    const token = await server.privilege({ sub });
    const strong = await server.privilege({ sub, scope: "users:read account:read" });
    expect(await ask("{ open whoami }", token)).toEqual({ data: { open: "ann", whoami: "ann" } });
    expect(await ask("{ secret }", strong)).toEqual({ data: { secret: sub } });
    expect(await ask("{ secret }", token)).toMatchObject({
      data: { secret: null },
      error: { code: "FORBIDDEN" },
    });
    expect(await ask("{ open whoami }")).toMatchObject({
      data: { open: "nobody", whoami: null },
      error: { code: "UNAUTHENTICATED", reason: "NO_CREDENTIAL" },
    });
    expect(await ask("{ open whoami }", "x.y.z")).toMatchObject({
      data: { open: "nobody", whoami: null },
      error: { code: "UNAUTHENTICATED", reason: "INVALID_CREDENTIAL" },
    });
  });

  it("does not have clients throw their tokens away because the verifier is blind", async () => {
    await server.stop();
    const ask = await startApollo(verifierOf(server));
    expect(await ask("{ whoami }", await server.privilege())).toMatchObject({
      data: { whoami: null },
      error: { code: "SERVICE_UNAVAILABLE", retryAfter: 1 },
    });
  });

  it("asks the gateway when it is told to", async () => {
    const verifier = await readyVerifierOf(server, { maxStaleness: 200, onStale: "introspect" });
    server.knobs.statuses["/revocations"] = 503;
    server.cut();
    await until(() => !verifier.stats().ready, "staleness");
    const context = await apolloContext(verifier)({
      req: { headers: { authorization: `Bearer ${await server.privilege()}` } },
    });
    expect(context.viewer).toMatchObject({ username: "ann" });
  });

  it("takes a request in every form that integrations hand over", async () => {
    const verifier = await readyVerifierOf(server);
    const context = apolloContext(verifier);
    const authorization = `Bearer ${await server.privilege()}`;
    const node = { headers: { authorization } };
    const fetched = new Request("http://localhost/graphql", { headers: { authorization } });
    for (const form of [
      { req: node },
      { request: node },
      node,
      { req: fetched },
      { request: fetched },
      fetched,
    ]) {
      expect((await context(form)).viewer).toMatchObject({ username: "ann" });
    }
    for (const form of [{}, { req: {} }, { event: node }]) {
      expect(() => context(form as never)).toThrow(TypeError);
    }
  });
});

it("yogaContext reads a Fetch request", async () => {
  const verifier = await readyVerifierOf(server);
  const context = yogaContext(verifier);
  const headers = { authorization: `Bearer ${await server.privilege()}` };
  expect((await context({ request: new Request("http://localhost/", { headers }) })).viewer).not.toBeNull();
  expect(await context({ request: new Request("http://localhost/") })).toEqual({
    auth: { ok: false, code: "NO_CREDENTIAL" },
    viewer: null,
  });
});

it("verify takes the headers of a Fastify request", async () => {
  const verifier = userVerifierOf(server);
  await verifier.ready();
  const app = fastify();
  app.get("/", (request) => verifier.verify(request.headers));
  endings.push(() => app.close());
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address() as AddressInfo;
  const sub = randomUUID();
  const headers = { authorization: `bearer ${await server.user({ sub })}` };
  const response = await fetch(`http://127.0.0.1:${port}/`, { headers });
  expect(await response.json()).toMatchObject({ ok: true, viewer: { userId: sub } });
});

describe("the guards", () => {
  const viewer = { scopes: ["a", "b:c"] } as unknown as PrivilegeViewer;
  const accepted: Verification<PrivilegeViewer> = { ok: true, viewer };
  const refused = (code: RefusalCode): Verification<PrivilegeViewer> => ({
    ok: false,
    code,
    detail: "a detail",
  });
  const extensionsOf = (act: () => unknown) => {
    try {
      act();
    } catch (error) {
      expect(error).toBeInstanceOf(GraphQLError);
      expect((error as GraphQLError).message).not.toContain("a detail");
      return (error as GraphQLError).extensions;
    }
    return undefined;
  };

  it.each<[RefusalCode, object]>([
    ["NO_CREDENTIAL", { code: "UNAUTHENTICATED", reason: "NO_CREDENTIAL" }],
    ["INVALID_CREDENTIAL", { code: "UNAUTHENTICATED", reason: "INVALID_CREDENTIAL" }],
    ["WRONG_TOKEN_TYPE", { code: "UNAUTHENTICATED", reason: "INVALID_CREDENTIAL" }],
    ["UNKNOWN_KEY", { code: "UNAUTHENTICATED", reason: "INVALID_CREDENTIAL" }],
    ["TOKEN_EXPIRED", { code: "UNAUTHENTICATED", reason: "TOKEN_EXPIRED" }],
    ["TOKEN_DISABLED", { code: "UNAUTHENTICATED", reason: "TOKEN_DISABLED" }],
    ["TOKEN_REVOKED", { code: "UNAUTHENTICATED", reason: "TOKEN_REVOKED" }],
    ["NOT_READY", { code: "SERVICE_UNAVAILABLE", retryAfter: 1 }],
    ["KEYS_STALE", { code: "SERVICE_UNAVAILABLE", retryAfter: 1 }],
    ["FEED_STALE", { code: "SERVICE_UNAVAILABLE", retryAfter: 1 }],
  ])("answer %s with %j", (code, extensions) => {
    expect(extensionsOf(() => requireViewer(refused(code)))).toEqual(extensions);
    expect(extensionsOf(() => requireScopes(refused(code), "a"))).toEqual(extensions);
  });

  it("let pass who holds every scope, by its whole name", () => {
    expect(requireViewer(accepted)).toBe(viewer);
    for (const scopes of [[], ["a"], ["b:c"], ["a", "b:c"]])
      expect(requireScopes(accepted, ...scopes)).toBe(viewer);
    for (const scopes of [["b"], ["a", "c"], ["A"], ["a b:c"], [""], ["b:c:d"]]) {
      expect(extensionsOf(() => requireScopes(accepted, ...scopes))).toEqual({ code: "FORBIDDEN" });
    }
  });
});
