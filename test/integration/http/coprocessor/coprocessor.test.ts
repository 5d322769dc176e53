import { createRemoteJWKSet, jwtVerify } from "jose";
import { PASSWORD, base64, registerUser } from "../../../support/client.js";
import { onEachDatabase } from "../../../support/databases.js";
import { COOKIE, FORM_NAMES, present } from "../../../support/credential-forms.js";
import { claimsOf } from "../../../support/token-calls.js";
import { ask, expectRefusal, post } from "../../../support/answers.js";
import { startOwnGateway } from "../../../support/own-gateway.js";
import {
  APOLLO_SUPERGRAPH_REQUEST,
  APOLLO_ROUTER_REQUEST,
  CLAIMS,
  HIVE_ROUTER_REQUEST,
} from "../../../support/router-messages.js";
import {
  ISSUER,
  MY_SCOPES,
  deadTokens,
  openEndpoints,
  privilegeOf,
  type Endpoints,
} from "../../../support/service-endpoints.js";

type Message = Record<string, unknown> & { headers: Record<string, string[]> };

const CROSS_SITE = { "sec-fetch-site": ["cross-site"], origin: ["https://evil.example"] };

onEachDatabase("POST /coprocessor", (create) => {
  let endpoints: Endpoints;
  let keys: ReturnType<typeof createRemoteJWKSet>;

  beforeAll(async () => {
    endpoints = await openEndpoints(await create(), { COPROCESSOR: "on" });
    keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", endpoints.url));
  });

  afterAll(() => endpoints.close());

  const call = (message: unknown) => ask(`${endpoints.url}/coprocessor`, post(JSON.stringify(message)));

  /** What the router gets; it takes nothing but 200 for an answer. */
  async function answerTo(message: Message) {
    const { status, headers, text } = await call(message);
    expect([status, headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
    return JSON.parse(text);
  }

  const withHeaders = (message: Message, headers: Record<string, string[]>): Message => ({
    ...message,
    headers: { ...message.headers, ...headers },
  });
  const bearer = (token: string) => ({ authorization: [`Bearer ${token}`] });
  const cookie = (token: string) => ({ cookie: [`tasty_cookie=strawberry; ${COOKIE}=${token}`] });
  /** The headers of one credential form, as a router tells them. */
  const formOf = (form: string, token: string, { key, username: owner } = endpoints.ann) => {
    const presented = { token, key, owner };
    return Object.fromEntries(present(form, presented).map(([name, value]) => [name.toLowerCase(), [value]]));
  };
  const verify = (token: string) =>
    jwtVerify(token, keys, { issuer: ISSUER, audience: "supergraph", typ: "privilege+jwt" });

  describe("the Apollo Router", () => {
    describe.each([
      ["RouterRequest", APOLLO_ROUTER_REQUEST],
      ["SupergraphRequest", APOLLO_SUPERGRAPH_REQUEST],
    ])("at %s", (stage, published) => {
      it("gets everything back, with the claims in the context", async () => {
        const sent = withHeaders(published, bearer(endpoints.ann.token));
        const { context, ...answer } = await answerTo(sent);
        const { context: before, body, ...rest } = sent;
        // JSON that is left out stays as the Router has it.
        expect(answer).toEqual(typeof body === "string" ? { ...rest, body } : rest);
        const { [CLAIMS]: claims, "latchkey::authorization": authorization, ...entries } = context.entries;
        expect({ entries }).toEqual(before);
        expect(claims).toMatchObject({
          iss: ISSUER,
          aud: "supergraph",
          sub: endpoints.ann.id,
          sid: endpoints.ann.key,
          username: endpoints.ann.username,
          role: "viewer",
          privilegeLevel: 0,
          scope: MY_SCOPES,
        });
        const { payload } = await verify(authorization.replace(/^Bearer /, ""));
        expect(claims).toEqual(payload);
      });

      it("gets an anonymous request back as it was", async () => {
        const { body, ...rest } = published;
        expect(await answerTo(published)).toEqual(typeof body === "string" ? published : rest);
      });

      it("gets no claims for a credential that is good for nothing", async () => {
        const { context } = published;
        for (const [name, token] of await deadTokens(endpoints)) {
          const answer = await answerTo(withHeaders(published, bearer(token)));
          expect([name, answer.control, answer.context]).toEqual([name, "continue", context]);
        }
        const billing = await privilegeOf(endpoints.graphql, endpoints.ann.token, "billing");
        const basic = { authorization: [`Basic ${base64(`${endpoints.ann.username}:${PASSWORD}`)}`] };
        for (const headers of [bearer(billing), basic, { authorization: ["Bearer"] }, { "x-key": ["x"] }])
          expect((await answerTo(withHeaders(published, headers))).context).toEqual(context);
      });

      it("is told to refuse two credentials", async () => {
        for (const headers of [
          { ...bearer(endpoints.ann.token), "x-auth-token": [endpoints.ann.token] },
          { authorization: [`Bearer ${endpoints.ann.token}`, `Bearer ${endpoints.ann.token}`] },
          { ...bearer(endpoints.ann.token), Authorization: [`Bearer ${endpoints.ann.token}`] },
        ]) {
          const answer = await answerTo(withHeaders(published, headers));
          expect(Object.keys(answer).sort()).toEqual(
            ["body", "control", "headers", ...("id" in published ? ["id"] : []), "stage", "version"].sort(),
          );
          expect(answer).toMatchObject({ version: 1, stage, control: { break: 400 } });
          // A text at the first stage, JSON at the second: the Router reads nothing else.
          expect(typeof answer.body).toBe(stage === "RouterRequest" ? "string" : "object");
          const body = typeof answer.body === "string" ? JSON.parse(answer.body) : answer.body;
          expect(body.errors[0].extensions).toEqual({ code: "BAD_REQUEST" });
          // What the client sent does not become the answer's headers.
          expect(answer.headers).toEqual({
            "content-type": ["application/json"],
            "cache-control": ["no-store"],
          });
        }
      });

      it("gets claims for the cookie, but for what a cross-site page may have sent", async () => {
        const sent = (headers: Record<string, string[]>, method?: string) =>
          answerTo({ ...withHeaders(published, { ...cookie(endpoints.ann.token), ...headers }), method });
        const claims = async (...args: Parameters<typeof sent>) =>
          (await sent(...args)).context.entries[CLAIMS];
        expect(await claims({}, "POST")).toMatchObject({ sub: endpoints.ann.id });
        expect(await claims({ "sec-fetch-site": ["same-origin"] })).toMatchObject({ sub: endpoints.ann.id });
        expect(await claims(CROSS_SITE, "GET")).toMatchObject({ sub: endpoints.ann.id });
        const socket = { ...CROSS_SITE, "sec-websocket-key": ["x"] };
        expect((await sent(socket, "GET")).control).toEqual({ break: 403 });
        for (const method of ["POST", undefined, "get"]) {
          const answer = await sent(CROSS_SITE, method);
          expect(answer.control).toEqual({ break: 403 });
          expect(answer.context).toBeUndefined();
        }
        const twice = { "sec-fetch-site": ["same-origin", "cross-site"] };
        expect((await sent(twice, "POST")).control).toEqual({ break: 403 });
        expect((await sent({ "content-type": ["text/plain"] }, "POST")).control).toEqual({ break: 403 });
      });
    });

    it("gets claims for every form of a credential", async () => {
      for (const form of FORM_NAMES) {
        const { context } = await answerTo(
          withHeaders(APOLLO_ROUTER_REQUEST, formOf(form, endpoints.ann.token)),
        );
        expect([form, context.entries[CLAIMS]?.sub]).toEqual([form, endpoints.ann.id]);
      }
    });

    it("gets the claims of a privilege token that was presented, and no fresh one", async () => {
      const user = await registerUser(endpoints.graphql);
      const privilege = await privilegeOf(endpoints.graphql, user.token);
      // The next one that is made would not be the same.
      await endpoints.database.query("UPDATE `user` SET role = 'user' WHERE id = ?", [user.id]);
      for (const form of FORM_NAMES) {
        const { context } = await answerTo(withHeaders(APOLLO_ROUTER_REQUEST, formOf(form, privilege, user)));
        expect(context.entries[CLAIMS]).toEqual(claimsOf(privilege));
        expect(context.entries["latchkey::authorization"]).toBe(`Bearer ${privilege}`);
      }
    });

    it("gets claims also when it sends no context", async () => {
      const { context: _, ...bare } = withHeaders(APOLLO_ROUTER_REQUEST, bearer(endpoints.ann.token));
      const answer = await answerTo(bare);
      expect(Object.keys(answer.context.entries).sort()).toEqual([CLAIMS, "latchkey::authorization"]);
      const { context: __, ...anonymous } = APOLLO_ROUTER_REQUEST;
      expect(await answerTo(anonymous as Message)).toEqual(anonymous);
    });

    it("hands on no claims but ours", async () => {
      const forged = { sub: "root", scope: "keys:manage" };
      const former = "apollo_authentication::JWT::claims";
      const plain = { other: 1, "latchkey::authorization": "Bearer forged" };
      const withEntries = (entries: object) => ({ ...APOLLO_ROUTER_REQUEST, context: { entries } });
      expect((await answerTo(withEntries(plain))).context).toEqual({ entries: { other: 1 } });
      const sent = withEntries({ ...plain, [CLAIMS]: forged, [former]: forged });
      const known = await answerTo(withHeaders(sent, bearer(endpoints.ann.token)));
      expect(known.context.entries[CLAIMS].sub).toBe(endpoints.ann.id);
      expect(JSON.stringify(known)).not.toContain("root");
      // The Router would keep them: it has verified a token that we refuse, or that we are not shown.
      const claimed = [null, "x", [], 0, forged].flatMap((value) => [
        { [CLAIMS]: value },
        { [former]: value },
      ]);
      const refused = [withHeaders(sent, bearer("a.b.c")), sent, ...claimed.map(withEntries)];
      for (const message of refused) {
        const answer = await answerTo(message);
        expect([answer.control, answer.context]).toEqual([{ break: 401 }, undefined]);
        expect(answer.headers["www-authenticate"]).toEqual([
          'Bearer realm="latchkey", error="invalid_token"',
        ]);
      }
    });

    it("gets a body back byte by byte, or not at all", async () => {
      const body = '{ "query": "{ me }", "variables": {"n": 12345678901234567890, "t": "\\ud83d\\ude00"} }';
      expect((await answerTo({ ...APOLLO_ROUTER_REQUEST, body })).body).toBe(body);
      const large = JSON.stringify(APOLLO_SUPERGRAPH_REQUEST).replace(
        '"variables":{}',
        '"variables":{"n":12345678901234567890}',
      );
      const { status, text } = await ask(`${endpoints.url}/coprocessor`, post(large));
      expect([status, "body" in JSON.parse(text)]).toEqual([200, false]);
    });
  });

  describe("the Hive Router", () => {
    const CONTINUE = { version: 1, control: "continue" };

    it.each(["router.request", "graphql.request"])(
      "at %s: the credential, in whatever form, becomes a privilege token that verifies",
      async (stage) => {
        for (const form of FORM_NAMES) {
          const sent = withHeaders({ ...HIVE_ROUTER_REQUEST, stage }, formOf(form, endpoints.ann.token));
          const { headers, ...answer } = await answerTo(sent);
          expect([form, answer]).toEqual([form, CONTINUE]);
          const { authorization, ...others } = headers;
          expect(authorization).toHaveLength(1);
          const { payload } = await verify(authorization[0].replace(/^Bearer /, ""));
          expect(payload).toMatchObject({ sub: endpoints.ann.id, scope: MY_SCOPES });
          // The published example brings a cookie of its own, where the form does not replace it.
          const { cookie: own, ...published } = HIVE_ROUTER_REQUEST.headers;
          expect(others).toEqual(form === "session cookie" ? published : { ...published, cookie: own });
          expect(JSON.stringify(headers)).not.toContain(endpoints.ann.token);
        }
      },
    );

    it("the session cookie is taken out from among others, also beside a header", async () => {
      const cookies = { cookie: [`a=1; ${COOKIE}=${endpoints.ann.token};b=2`, "c=3"] };
      for (const headers of [cookies, { ...cookies, ...bearer(endpoints.ann.token) }]) {
        const answer = await answerTo(withHeaders(HIVE_ROUTER_REQUEST, headers));
        expect(answer.headers.cookie).toEqual(["a=1; b=2", "c=3"]);
        expect(answer.headers.authorization[0]).toMatch(/^Bearer ey/);
      }
    });

    it("an anonymous request goes on untouched", async () => {
      expect(await answerTo(HIVE_ROUTER_REQUEST)).toEqual(CONTINUE);
    });

    it("its context is never touched", async () => {
      const context = { "hive::authentication::jwt_status": true, custom: 1 };
      for (const headers of [{}, bearer(endpoints.ann.token), bearer("a.b.c")])
        expect(await answerTo({ ...withHeaders(HIVE_ROUTER_REQUEST, headers), context })).not.toHaveProperty(
          "context",
        );
    });

    it("a credential that is good for nothing is taken out, for its signature may still hold", async () => {
      const billing = await privilegeOf(endpoints.graphql, endpoints.ann.token, "billing");
      for (const [name, token] of [...(await deadTokens(endpoints)), ["of another audience", billing]]) {
        for (const headers of [bearer(token!), { "x-auth-token": [token!] }]) {
          const answer = await answerTo(withHeaders(HIVE_ROUTER_REQUEST, headers));
          expect([name, answer]).toEqual([name, { ...CONTINUE, headers: HIVE_ROUTER_REQUEST.headers }]);
        }
      }
    });

    it("a user name and password are left: they sign in", async () => {
      const basic = { authorization: [`Basic ${base64(`${endpoints.ann.username}:${PASSWORD}`)}`] };
      expect(await answerTo(withHeaders(HIVE_ROUTER_REQUEST, basic))).toEqual(CONTINUE);
    });

    it("a privilege token that was presented is handed on, and no fresh one made of it", async () => {
      const user = await registerUser(endpoints.graphql);
      const privilege = await privilegeOf(endpoints.graphql, user.token);
      await endpoints.database.query("UPDATE `user` SET role = 'user' WHERE id = ?", [user.id]);
      for (const form of FORM_NAMES) {
        const { headers } = await answerTo(withHeaders(HIVE_ROUTER_REQUEST, formOf(form, privilege, user)));
        expect(headers.authorization).toEqual([`Bearer ${privilege}`]);
      }
    });

    it("is told to refuse two credentials, and a cross-site page by the cookie", async () => {
      const two = { ...bearer(endpoints.ann.token), "x-auth-token": [endpoints.ann.token] };
      const crossSite = { ...cookie(endpoints.ann.token), ...CROSS_SITE };
      for (const [headers, status] of [
        [two, 400],
        [crossSite, 403],
      ] as const) {
        const answer = await answerTo(withHeaders(HIVE_ROUTER_REQUEST, headers));
        expect(Object.keys(answer)).toEqual(["version", "control", "headers", "body"]);
        expect(answer).toMatchObject({ version: 1, control: { break: status } });
        expect(JSON.parse(answer.body).errors).toHaveLength(1);
      }
    });
  });

  describe("what is no message of a router", () => {
    const { headers: _, ...headless } = APOLLO_ROUTER_REQUEST;

    it.each([
      ["null", null],
      ["a list", []],
      ["nothing", {}],
      ["another version", { ...APOLLO_ROUTER_REQUEST, version: 2 }],
      ["a version in words", { ...APOLLO_ROUTER_REQUEST, version: "1" }],
      ["no stage", { ...APOLLO_ROUTER_REQUEST, stage: undefined }],
      ["a stage of another kind", { ...APOLLO_ROUTER_REQUEST, stage: "RouterResponse" }],
      ["a stage of a subgraph", { ...APOLLO_ROUTER_REQUEST, stage: "SubgraphRequest" }],
      ["a stage by a prototype's name", { ...APOLLO_ROUTER_REQUEST, stage: "constructor" }],
      ["no headers", headless],
      ["headers in a list", { ...APOLLO_ROUTER_REQUEST, headers: [] }],
      ["headers that are no lists", { ...APOLLO_ROUTER_REQUEST, headers: { authorization: "Bearer x" } }],
      ["headers that are no texts", { ...APOLLO_ROUTER_REQUEST, headers: { authorization: [1] } }],
    ])("%s is 400", async (_what, message) => {
      expectRefusal(await call(message), 400);
    });

    it("a body that is malformed, too large, a form, or reaches for a prototype is refused", async () => {
      const url = `${endpoints.url}/coprocessor`;
      expectRefusal(await ask(url, post("{")), 400);
      expectRefusal(await ask(url, post('{"version":1,"__proto__":{}}')), 400);
      expectRefusal(
        await ask(url, post(JSON.stringify({ ...APOLLO_ROUTER_REQUEST, sdl: "x".repeat(2 ** 20) }))),
        413,
      );
      expectRefusal(
        await ask(url, post("a=b", { "content-type": "application/x-www-form-urlencoded" })),
        415,
      );
      // As large as a router may be set to send it.
      const sdl = "x".repeat(1_000_000);
      expect((await answerTo({ ...APOLLO_ROUTER_REQUEST, sdl })).control).toBe("continue");
    });

    it.each(["GET", "PUT", "DELETE"])("%s is 405 with Allow", async (method) => {
      const answer = await ask(`${endpoints.url}/coprocessor`, { method });
      expectRefusal(answer, 405);
      expect(answer.headers.get("allow")).toBe("POST, OPTIONS");
    });

    it("a credential of the call itself is not heard", async () => {
      const headers = { authorization: `Bearer ${endpoints.ann.token}` };
      const { text } = await ask(
        `${endpoints.url}/coprocessor`,
        post(JSON.stringify(APOLLO_ROUTER_REQUEST), headers),
      );
      expect(JSON.parse(text).context).toEqual(APOLLO_ROUTER_REQUEST.context);
    });
  });

  it("the log names no token", () => {
    expect(endpoints.gateway.output.log).not.toContain(endpoints.ann.token);
    expect(endpoints.gateway.output.log).not.toContain('"level":"error"');
  });
});

describe("COPROCESSOR", () => {
  it("is off unless it is switched on: nothing is there", async () => {
    const gateway = await startOwnGateway();
    expectRefusal(
      await ask(`${gateway.url}/coprocessor`, post(JSON.stringify(APOLLO_ROUTER_REQUEST))),
      404,
      "NOT_FOUND",
    );
    await gateway.close();
  });

  it("strict: a bad credential is refused, none is none, and Basic signs in", async () => {
    const gateway = await startOwnGateway({ COPROCESSOR: "strict" });
    const call = async (message: Message, headers: Record<string, string[]>) => {
      const sent = { ...message, headers: { ...message.headers, ...headers } };
      return JSON.parse((await ask(`${gateway.url}/coprocessor`, post(JSON.stringify(sent)))).text);
    };
    const bad = { authorization: ["Bearer a.b.c"] };
    for (const message of [APOLLO_ROUTER_REQUEST, APOLLO_SUPERGRAPH_REQUEST, HIVE_ROUTER_REQUEST]) {
      const { control, body, headers } = await call(message, bad);
      expect(control).toEqual({ break: 401 });
      const { errors } = typeof body === "string" ? JSON.parse(body) : body;
      expect(errors[0].extensions).toEqual({ code: "UNAUTHENTICATED", reason: "INVALID_CREDENTIAL" });
      expect(headers["www-authenticate"]).toEqual(['Bearer realm="latchkey", error="invalid_token"']);
      expect((await call(message, {})).control).toBe("continue");
      expect((await call(message, { authorization: ["Basic YTpi"] })).control).toBe("continue");
    }
    await gateway.close();
  });
});
