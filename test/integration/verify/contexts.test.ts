import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { fastify } from "fastify";
import { GraphQLError } from "graphql";
import {
  apolloContext,
  requireScopes,
  requireViewer,
  yogaContext,
  type AuthContext,
  type Credential,
  type PrivilegeViewer,
  type RefusalCode,
  type Verification,
} from "../../../packages/verify/src/graphql.js";
import { startFeedServer, type FeedServer } from "../../support/verify/feed-server.js";
import { until } from "../../support/until.js";
import {
  endAll,
  endings,
  readyVerifierOf,
  userVerifierOf,
  verifierOf,
} from "../../support/verify/verifiers.js";

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
    const { data, errors } = (await response.json()) as {
      data: unknown;
      errors?: { extensions: object; message: string }[];
    };
    return { data, error: errors?.[0]?.extensions, message: errors?.[0]?.message };
  };
}

describe("apolloContext", () => {
  it("gives resolvers the viewer, and the guards answer in the gateway's words", async () => {
    const verifier = await readyVerifierOf(server);
    const ask = await startApollo(verifier);
    const sub = randomUUID();
    const token = await server.privilege({ sub });
    const strong = await server.privilege({ sub, scope: "users:read account:read" });
    expect(await ask("{ open whoami }", token)).toMatchObject({ data: { open: "ann", whoami: "ann" } });
    expect(await ask("{ secret }", strong)).toMatchObject({ data: { secret: sub } });
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

  it("tells a client that sends the wrong type of token what to send, and only one that holds a good one", async () => {
    const ask = await startApollo(await readyVerifierOf(server));
    const user = await server.user();
    const { data, error, message } = await ask("{ open whoami }", user);
    expect(data).toEqual({ open: "nobody", whoami: null });
    expect(error).toEqual({ code: "UNAUTHENTICATED", reason: "WRONG_TOKEN_TYPE" });
    expect(message).toMatch(/privilege token.*privilegeToken/);
    expect((await ask("{ secret }", user)).error).toMatchObject({ reason: "WRONG_TOKEN_TYPE" });
    expect((await ask("{ whoami }", `${user.slice(0, -8)}AAAAAAAA`)).error).toMatchObject({
      reason: "INVALID_CREDENTIAL",
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
    for (const headers of [{ Authorization: authorization }, ["Authorization", authorization]]) {
      expect((await context({ req: { headers } })).viewer).toMatchObject({ username: "ann" });
    }
    expect((await context({ req: { headers: ["Authorization"] } })).auth).toMatchObject({
      code: "INVALID_CREDENTIAL",
    });
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["a text", "Bearer x"],
    ["no request", {}],
    ["a request that is undefined", { req: undefined }],
    ["a request that is null", { request: null }],
    ["a request without headers", { req: {} }],
    ["headers that are a text", { req: { headers: "authorization: Bearer x" } }],
    ["an event", { event: { headers: { authorization: "Bearer x" } } }],
  ])("says in its own words that it was given %s", async (_name, form) => {
    const verifier = verifierOf(server);
    expect(() => apolloContext(verifier)(form as never)).toThrow(/^apolloContext needs a request/);
    expect(() => yogaContext(verifier)(form as never)).toThrow(/^yogaContext needs a request/);
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

it("verify takes every form in which servers and functions hold the headers of a request", async () => {
  const verifier = await readyVerifierOf(server);
  const formsOf = ({ headers, headersDistinct, rawHeaders }: IncomingMessage): Credential[] => {
    const pairs = Object.entries(headersDistinct);
    // As AWS API Gateway and load balancers hand over what HTTP/1.1 clients send: names as they were written.
    const written = Object.fromEntries(pairs.map(([name, values]) => [name.toUpperCase(), values?.[0]]));
    const multiValueHeaders = Object.fromEntries(pairs.map(([name, values]) => [name.toUpperCase(), values]));
    const fetched = new Headers(Object.entries(written).map(([name, value]) => [name, value ?? ""]));
    const lists: Credential[] = [rawHeaders, Object.entries(headers), [...fetched]];
    const maps: Credential[] = [new Map(Object.entries(written)), new Map(pairs)];
    return [headers, headersDistinct, written, multiValueHeaders, fetched, ...lists, ...maps];
  };
  const app = createServer((request, response) => {
    response.end(JSON.stringify(formsOf(request).map((form) => verifier.verify(form))));
  });
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
  endings.push(() => void app.close());
  const { port } = app.address() as AddressInfo;
  const ask = async (headers: Record<string, string>): Promise<Verification<PrivilegeViewer>[]> =>
    (await fetch(`http://127.0.0.1:${port}/`, { headers })).json() as never;
  const signedIn = await ask({ Authorization: `Bearer ${await server.privilege()}` });
  expect(signedIn.filter(({ ok }) => !ok)).toEqual([]);
  const anonymous = await ask({ Accept: "*/*" });
  expect(anonymous).toHaveLength(signedIn.length);
  expect(anonymous.filter((one) => one.ok || one.code !== "NO_CREDENTIAL")).toEqual([]);
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
    ["WRONG_TOKEN_TYPE", { code: "UNAUTHENTICATED", reason: "WRONG_TOKEN_TYPE" }],
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
