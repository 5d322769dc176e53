import { createRemoteJWKSet, jwtVerify } from "jose";
import { PASSWORD, base64, registerUser, uniqueName } from "../../../support/client.js";
import { onEachDatabase } from "../../../support/databases.js";
import { requestHead, sendRaw } from "../../../support/raw-http.js";
import { COOKIE, FORM_NAMES, present } from "../../../support/credential-forms.js";
import { makeToken } from "../../../support/token-calls.js";
import { expectRefusal, fromRaw } from "../../../support/answers.js";
import {
  ISSUER,
  MY_SCOPES,
  deadTokens,
  openEndpoints,
  privilegeOf,
  type Endpoints,
} from "../../../support/service-endpoints.js";

const BEARER = 'Bearer realm="latchkey"';
const IDENTITY = ["x-user-id", "x-user-name", "x-user-role", "x-user-scopes", "x-privilege-token"];
onEachDatabase("/verify", (create) => {
  let endpoints: Endpoints;
  let keys: ReturnType<typeof createRemoteJWKSet>;

  beforeAll(async () => {
    endpoints = await openEndpoints(await create(), { ALLOWED_ORIGINS: "https://app.example" });
    keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", endpoints.url));
  });

  afterAll(() => endpoints.close());

  const ask = async (headers: string[], line = "GET /verify", body = "") =>
    fromRaw(await sendRaw(endpoints.url, requestHead(line, headers), body));
  const bearer = (token: string) => [`Authorization: Bearer ${token}`];
  const cookie = (token: string) => [`Cookie: ${COOKIE}=${token}`];
  const challenge = ({ headers }: { headers: { get(name: string): string | null } }) =>
    headers.get("www-authenticate");
  const verify = (token: string, audience: string) =>
    jwtVerify(token, keys, { issuer: ISSUER, audience, typ: "privilege+jwt" });

  it("says who a user token's holder is, in headers alone, with a privilege token that verifies", async () => {
    const { ann } = endpoints;
    const { status, headers, text } = await ask(bearer(ann.token));
    expect([status, text, headers.get("content-length")]).toEqual([200, "", "0"]);
    expect(IDENTITY.slice(0, 4).map((name) => headers.get(name))).toEqual([
      ann.id,
      ann.username,
      "viewer",
      MY_SCOPES,
    ]);
    const { payload } = await verify(headers.get("x-privilege-token")!, "supergraph");
    expect(payload).toMatchObject({ sub: ann.id, sid: ann.key, scope: MY_SCOPES, role: "viewer" });
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("set-cookie")).toBeNull();
  });

  it("takes a user token in every form", async () => {
    const { token, key, username: owner } = endpoints.ann;
    for (const form of FORM_NAMES) {
      const lines = present(form, { token, key, owner }).map(([name, value]) => `${name}: ${value}`);
      const { status, headers } = await ask([...lines, "X-Original-Method: GET"]);
      expect([form, status, headers.get("x-user-id")]).toEqual([form, 200, endpoints.ann.id]);
    }
  });

  it("a name beyond ASCII is percent-encoded", async () => {
    const { token, username } = await registerUser(endpoints.graphql, { username: uniqueName("Ünï 100%") });
    const name = (await ask(bearer(token))).headers.get("x-user-name")!;
    expect(name).toMatch(/^%C3%9Cn%C3%AF%20100%25-/);
    expect(decodeURIComponent(name)).toBe(username);
  });

  it("sets all five headers and none to nothing, whatever the client sent under their names", async () => {
    const { token } = await makeToken(endpoints.graphql, endpoints.ann.token, { scopes: [] });
    const spoofed = [
      "X-User-Id: root",
      "X-User-Role: root",
      "X-User-Scopes: keys:manage",
      "X-Privilege-Token: x",
    ];
    const { headers } = await ask([...bearer(token), ...spoofed]);
    // Some proxies take an empty value for a missing one, and leave the client's.
    expect(headers.get("x-user-scopes")).toBe("-");
    expect([headers.get("x-user-id"), headers.get("x-user-role")]).toEqual([endpoints.ann.id, "viewer"]);
    for (const name of IDENTITY) expect(headers.get(name)).toMatch(/./);
  });

  it("without a credential: 401 with a challenge and no error, and no identity", async () => {
    const answer = await ask(["X-User-Id: root"]);
    expectRefusal(answer, 401, "UNAUTHENTICATED");
    expect(challenge(answer)).toBe(BEARER);
    for (const name of IDENTITY) expect(answer.headers.get(name)).toBeNull();
  });

  it("a token that is good for nothing is 401 invalid_token", async () => {
    for (const [name, token] of await deadTokens(endpoints)) {
      const answer = await ask(bearer(token));
      expectRefusal(answer, 401, "UNAUTHENTICATED");
      expect([name, challenge(answer)]).toEqual([name, `${BEARER}, error="invalid_token"`]);
      for (const each of IDENTITY) expect(answer.headers.get(each)).toBeNull();
    }
  });

  it.each(["supergraph", "billing"])("a privilege token for %s is no user token: 401", async (audience) => {
    const answer = await ask(bearer(await privilegeOf(endpoints.graphql, endpoints.ann.token, audience)));
    expectRefusal(answer, 401, "UNAUTHENTICATED");
    expect(challenge(answer)).toBe(`${BEARER}, error="invalid_token"`);
  });

  it("Basic only signs in: 401, and it was no token", async () => {
    const { username } = endpoints.ann;
    for (const pair of [`${username}:${PASSWORD}`, "nobody:x"]) {
      const answer = await ask([`Authorization: Basic ${base64(pair)}`]);
      expectRefusal(answer, 401, "UNAUTHENTICATED");
      expect(challenge(answer)).toBe(BEARER);
    }
  });

  it("two credentials are 400, even when they agree", async () => {
    const { token } = endpoints.ann;
    expectRefusal(await ask([...bearer(token), `X-Auth-Token: ${token}`]), 400);
    expectRefusal(await ask([...bearer(token), ...bearer(token)]), 400);
    // A header beside the cookie outranks it.
    expect((await ask([...bearer(token), ...cookie("x.y.z")])).status).toBe(200);
    expect((await ask([...bearer("x.y.z"), ...cookie(token)])).status).toBe(401);
  });

  describe("what the proxy asks for", () => {
    const path = (query: string) => `GET /verify?${query}`;

    it("chooses the audience of the privilege token", async () => {
      const { headers } = await ask(bearer(endpoints.ann.token), path("audience=billing"));
      await verify(headers.get("x-privilege-token")!, "billing");
    });

    it("needs every scope that is asked for: else 403 insufficient_scope", async () => {
      const { token } = await makeToken(endpoints.graphql, endpoints.ann.token, {
        scopes: ["account:read", "account:write"],
      });
      for (const scope of ["account:read", "account:read+account:write", "account%3Awrite"])
        expect((await ask(bearer(token), path(`scope=${scope}`))).status).toBe(200);
      const answer = await ask(bearer(token), path("scope=account:read%20tokens:manage"));
      expectRefusal(answer, 403, "FORBIDDEN");
      expect(challenge(answer)).toBe(
        `${BEARER}, error="insufficient_scope", scope="account:read tokens:manage"`,
      );
      for (const name of IDENTITY) expect(answer.headers.get(name)).toBeNull();
    });

    it.each([
      "audience=warehouse",
      "audience=",
      `audience=${encodeURIComponent(ISSUER)}`,
      "audience=billing&audience=billing",
      "scope=",
      "scope=a++b",
      "scope=+a",
      "scope=%22",
      "scope=a%0D%0AX-Evil:1",
      "scope=a&scope=b",
      "scopes=a",
      "Scope=a",
      "x",
      "scope=%zz",
    ])("what it cannot mean is 400, with or without a credential: ?%s", async (query) => {
      for (const headers of [bearer(endpoints.ann.token), []]) {
        const answer = await ask(headers, path(query));
        expectRefusal(answer, 400);
        for (const name of IDENTITY) expect(answer.headers.get(name)).toBeNull();
      }
    });
  });

  describe("by the session cookie", () => {
    const CROSS_SITE = ["Sec-Fetch-Site: cross-site", "Origin: https://evil.example"];
    const by = (headers: string[], line?: string) => ask([...cookie(endpoints.ann.token), ...headers], line);

    it.each([
      ["a page of the same origin that posts", ["X-Forwarded-Method: POST", "Sec-Fetch-Site: same-origin"]],
      ["a page of an allowed origin that posts", ["X-Original-Method: POST", "Origin: https://app.example"]],
      ["a program that posts JSON", ["X-Original-Method: POST", "Content-Type: application/json"]],
      ["a link on another site", ["X-Forwarded-Method: GET", ...CROSS_SITE]],
      ["a picture on another site", ["X-Original-Method: HEAD", ...CROSS_SITE]],
      ["the address bar, where the proxy tells no method", ["Sec-Fetch-Site: none"]],
    ])("%s is let through", async (_who, headers) => {
      expect((await by(headers)).status).toBe(200);
    });

    it.each([
      ["a form on another site", ["X-Forwarded-Method: POST", ...CROSS_SITE]],
      ["a form on another site, told by nginx", ["X-Original-Method: POST", ...CROSS_SITE]],
      ["a neighbour of the same site", ["X-Original-Method: DELETE", "Sec-Fetch-Site: same-site"]],
      ["a form in an older browser", ["X-Original-Method: POST", "Content-Type: text/plain"]],
      ["a page on another site, where the proxy tells no method", CROSS_SITE],
      ["anybody, where the proxy tells nothing", []],
      ["a WebSocket of another site", ["X-Original-Method: GET", "Sec-WebSocket-Key: x", ...CROSS_SITE]],
    ])("%s is 403", async (_who, headers) => {
      const answer = await by(headers);
      expectRefusal(answer, 403, "FORBIDDEN");
      for (const name of IDENTITY) expect(answer.headers.get(name)).toBeNull();
    });

    it("Envoy's own method counts", async () => {
      expect((await by(CROSS_SITE, "GET /verify/x")).status).toBe(200);
      for (const line of ["POST /verify/x", "PUT /verify/", "DELETE /verify/x"])
        expectRefusal(await by(["X-Forwarded-Method: GET", ...CROSS_SITE], line), 403, "FORBIDDEN");
      expect((await by(["Sec-Fetch-Site: same-origin"], "POST /verify/x")).status).toBe(200);
    });

    it("a token in a header needs no such proof", async () => {
      expect(
        (await ask([...bearer(endpoints.ann.token), "X-Original-Method: POST", ...CROSS_SITE])).status,
      ).toBe(200);
    });
  });

  describe("the request that is asked about", () => {
    it.each(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "PURGE"])(
      "Envoy's %s, with its path and query, is answered",
      async (method) => {
        // Its query is the client's: neither audience nor scope.
        const line = `${method} /verify/graphql/a%20b?audience=billing&scope=keys:manage&x`;
        const { status, headers } = await ask([...bearer(endpoints.ann.token), "Content-Length: 0"], line);
        expect([status, headers.get("x-user-id")]).toEqual([200, endpoints.ann.id]);
        await verify(headers.get("x-privilege-token")!, "supergraph");
        expectRefusalOrHead(await ask([], line), method);
      },
    );

    const expectRefusalOrHead = (answer: Awaited<ReturnType<typeof ask>>, method: string) => {
      if (method === "HEAD") expect(answer.status).toBe(401);
      else expectRefusal(answer, 401, "UNAUTHENTICATED");
    };

    it("its body is read into nothing, whatever it is and says it is", async () => {
      const body = "x".repeat(100_000);
      for (const type of [
        "text/xml",
        "application/json",
        "application/x-www-form-urlencoded",
        "nonsense",
        "",
      ]) {
        const headers = [`Content-Type: ${type}`, `Content-Length: ${body.length}`, "Content-Encoding: gzip"];
        expect((await ask([...bearer(endpoints.ann.token), ...headers], "POST /verify", body)).status).toBe(
          200,
        );
      }
      // As nginx asks: the headers of a body, without the body.
      const bare = ["Content-Type: application/json", "Content-Encoding: br"];
      expect((await ask([...bearer(endpoints.ann.token), ...bare])).status).toBe(200);
    });

    it("a body that nobody reads is never taken for requests: the connection ends with the answer", async () => {
      const body = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".repeat(3_000);
      const first = `POST /verify HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      const answer = await sendRaw(endpoints.url, first, requestHead("GET /healthz"));
      expect([answer.answers, answer.status]).toEqual([1, 401]);
    });

    it.each(["PUT", "DELETE", "HEAD", "PATCH", "QUERY"])("%s /verify is 405 with Allow", async (method) => {
      const answer = await ask(bearer(endpoints.ann.token), `${method} /verify`);
      expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, POST"]);
    });

    it.each(["/verify2", "/verifyx/y", "/Verify"])("nothing is at %s", async (path) => {
      expectRefusal(await ask(bearer(endpoints.ann.token), `GET ${path}`), 404, "NOT_FOUND");
    });
  });

  it("the log names no token", () => {
    expect(endpoints.gateway.output.log).not.toContain(endpoints.ann.token);
    expect(endpoints.gateway.output.log).not.toContain('"level":"error"');
  });
});
