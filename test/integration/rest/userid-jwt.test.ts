import { withBadSignature } from "../../support/bad-signature.js";
import { parseSetCookie } from "cookie";
import { untilExpected } from "../../support/until.js";
import { bearer, PASSWORD, registerUser, send, tokenStatusOf, uniqueName } from "../../support/client.js";
import { claimsOf, rowOf } from "../../support/token-calls.js";
import { bare, call, cookie, jwt, keyOf, type RestAnswer } from "../../support/rest/call.js";
import {
  ALIVE,
  BUMP,
  DEAD,
  LOGIN,
  LOGOUT,
  CTOREGISTRY_PRIVILEGE,
  USERID_JWT_REGISTER,
  USERID_JWT_TOKEN,
  statusByDialect,
} from "../../support/rest/token-uses.js";
import { onEachGateway } from "../../support/with-gateway.js";
import {
  JWT,
  USERID_JWT_ERROR,
  USERID_JWT_LOGIN_ERROR,
  USERID_JWT_LOGOUT_ERROR,
  UUID,
} from "../../support/rest/shapes.js";

const PREFIXED = new RegExp(JWT.source.replace("^", "^JWT "));
const SHAPE = { name: "latchkey_session", path: "/", httpOnly: true, sameSite: "lax" };
/** Exactly: an attribute that is not expected, such as Domain, shows too. */
const CLEARED = [{ ...SHAPE, value: "", maxAge: 0, expires: new Date(0) }];

/** All cookies that an answer sets. */
const cookiesOf = ({ headers }: RestAnswer) => headers.getSetCookie().map((text) => parseSetCookie(text));

/** The session cookie of a token, to last as long as it. */
const sessionOf = (token: string) => [
  { ...SHAPE, value: token, expires: new Date(Number(claimsOf(token).exp) * 1_000) },
];

onEachGateway("the dialect userid-jwt", (setup) => {
  let names: { username: string; email: string; phone: string };
  let uid: string;

  beforeAll(async () => {
    const username = uniqueName("Ann");
    names = { username, email: `${username}@foo.com`, phone: "+86 135 5550 0100" };
    uid = (await registerUser(setup.graphql, names)).id;
  });

  const login = (body: Record<string, unknown> = {}) =>
    call(setup.url, LOGIN, {}, { userid: names.username, password: PASSWORD, ...body });
  const freshToken = async (body = {}): Promise<string> => (await login(body)).body.userinfo.token;
  const logout = (headers: Record<string, string>, body?: unknown) => call(setup.url, LOGOUT, headers, body);
  const register = (body: Record<string, unknown>) => call(setup.url, USERID_JWT_REGISTER, {}, body);
  const statusOf = (token: string) => tokenStatusOf(setup.graphql, bearer(token));
  const userinfo = () => ({ uid, ...names, locale: "en", role: "viewer", privilegeLevel: 0 });
  const auditOf = (key: string): { audit: string; clientFingerprint?: string }[] =>
    setup.gateway.output.log
      .split("\n")
      .filter((line) => line.includes(key))
      .map((line) => JSON.parse(line));

  it("login by username, e-mail or phone answers status and userinfo, and sets the session cookie", async () => {
    for (const userid of Object.values(names)) {
      const answer = await login({ userid });
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual({
        status: 1,
        userinfo: { ...userinfo(), token: expect.stringMatching(JWT) },
      });
      expect(cookiesOf(answer)).toEqual(sessionOf(answer.body.userinfo.token));
    }
  });

  it("a failure is HTTP 401, status -1 and errmsg, and sets no cookie", async () => {
    for (const body of [{ password: "wrong password" }, { userid: "nobody-of-that-name" }, { userid: "" }]) {
      const answer = await login(body);
      expect([answer.status, answer.body, cookiesOf(answer)]).toEqual([401, USERID_JWT_LOGIN_ERROR, []]);
    }
    for (const field of ["userid", "password"]) {
      const answer = await login({ [field]: undefined });
      expect([answer.status, answer.body, cookiesOf(answer)]).toEqual([400, USERID_JWT_LOGIN_ERROR, []]);
    }
  });

  it("register answers flat, with the defaults and a token that works at once, and sets the cookie", async () => {
    const username = uniqueName();
    const asked = { username, email: `${username}@foo.com`, phone: "+86 135 5550 0101" };
    const answer = await register({ ...asked, password: PASSWORD });
    expect(answer.status).toBe(200);
    const { token } = answer.body;
    expect(answer.body).toEqual({
      uid: expect.stringMatching(UUID),
      status: "success",
      token: expect.stringMatching(PREFIXED),
      ...asked,
      locale: "en",
      role: "viewer",
      privilegeLevel: 0,
    });
    expect(cookiesOf(answer)).toEqual(sessionOf(token.slice(4)));
    expect((await call(setup.url, BUMP, { authorization: token })).status).toBe(200);
    expect(await statusByDialect(setup.url, username, token.slice(4))).toEqual(ALIVE);
  });

  it("email and phone are optional", async () => {
    const username = uniqueName();
    for (const [i, optional] of [
      {},
      { email: `${username}@foo.com` },
      { phone: "+86 135 5550 0102" },
    ].entries()) {
      const { status, body } = await register({
        username: `${username}-${i}`,
        password: PASSWORD,
        ...optional,
      });
      const { email, phone } = body;
      expect([status, JSON.parse(JSON.stringify({ email, phone }))]).toEqual([200, optional]);
    }
  });

  it("a taken identifier is HTTP 409 with errcode 401", async () => {
    for (const taken of [
      { username: names.username },
      { username: uniqueName(), email: names.email },
      { username: uniqueName(), phone: names.phone },
    ]) {
      const answer = await register({ password: PASSWORD, ...taken });
      expect([answer.status, answer.body, cookiesOf(answer)]).toEqual([409, USERID_JWT_ERROR, []]);
    }
  });

  it.each([
    ["no username", { username: undefined }],
    ["no password", { password: undefined }],
    ["an empty username", { username: "" }],
    ["an empty password", { password: "" }],
    ["a username that is no text", { username: 5 }],
    ["an e-mail that is none", { email: "foo" }],
    ["an e-mail that is no text", { email: ["foo@foo.com"] }],
    ["a phone that is none", { phone: "135xxxxx" }],
  ])("malformed input is HTTP 400 with errcode 401: %s", async (_what, wrong) => {
    const answer = await register({ username: uniqueName(), password: PASSWORD, ...wrong });
    expect([answer.status, answer.body, cookiesOf(answer)]).toEqual([400, USERID_JWT_ERROR, []]);
  });

  it("token answers in register's flat shape, and never sets a cookie", async () => {
    for (const userid of Object.values(names)) {
      const answer = await call(setup.url, USERID_JWT_TOKEN, {}, { userid, password: PASSWORD });
      expect([answer.status, cookiesOf(answer)]).toEqual([200, []]);
      const token = expect.stringMatching(PREFIXED);
      expect(answer.body).toEqual({ status: "success", token, ...userinfo() });
      expect((await call(setup.url, BUMP, { authorization: answer.body.token })).status).toBe(200);
    }
    const withCookie = cookie(await freshToken());
    const body = { userid: names.username, password: PASSWORD };
    expect(cookiesOf(await call(setup.url, USERID_JWT_TOKEN, withCookie, body))).toEqual([]);
  });

  it("a failure to get a token has register's error with HTTP 401, and sets no cookie", async () => {
    for (const [userid, password] of [
      [names.username, "wrong password"],
      ["nobody-of-that-name", PASSWORD],
    ]) {
      const answer = await call(setup.url, USERID_JWT_TOKEN, {}, { userid, password });
      expect([answer.status, answer.body, cookiesOf(answer)]).toEqual([401, USERID_JWT_ERROR, []]);
    }
    for (const body of [undefined, { userid: names.username }, { password: PASSWORD }]) {
      const answer = await call(setup.url, USERID_JWT_TOKEN, {}, body);
      expect([answer.status, answer.body, cookiesOf(answer)]).toEqual([400, USERID_JWT_ERROR, []]);
    }
  });

  it("logout answers its exact strings, clears the cookie and ends the token", async () => {
    for (const body of [undefined, {}, { clientfp: "fingerprint" }, { clientfp: null }]) {
      const token = await freshToken();
      const answer = await logout({ ...jwt(token), ...cookie(token) }, body);
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual({ status: "success", message: "logout successfully" });
      expect(cookiesOf(answer)).toEqual(CLEARED);
      expect(await statusByDialect(setup.url, names.username, token)).toEqual(DEAD);
    }
  });

  it('a bad token or none is 401 "Unauthorized Logout"', async () => {
    const dead = await freshToken();
    await logout(jwt(dead));
    for (const headers of [
      jwt(dead),
      jwt("garbage"),
      jwt(""),
      jwt(withBadSignature(await freshToken())),
      bare(dead),
    ]) {
      const answer = await logout(headers);
      expect([answer.status, answer.body, cookiesOf(answer)]).toEqual([401, USERID_JWT_LOGOUT_ERROR, []]);
    }
    const none = await logout({});
    expect([none.status, none.body]).toEqual([401, { ...USERID_JWT_LOGOUT_ERROR, success: false }]);
  });

  it("clientfp is stored hashed with the token, and nowhere in clear", async () => {
    const clientfp = "Fingerprint-of-Ann-4711";
    const [named, nameless] = [await freshToken({ clientfp }), await freshToken()];
    const row = await rowOf(setup, keyOf(named));
    expect(row.clientFingerprintHash).toMatch(/^[\w-]+\.[\w-]{43}$/);
    expect(JSON.stringify(row) + setup.gateway.output.log).not.toContain(clientfp);
    expect((await rowOf(setup, keyOf(nameless))).clientFingerprintHash).toBeNull();
    const byToken = await call(
      setup.url,
      USERID_JWT_TOKEN,
      {},
      {
        userid: names.username,
        password: PASSWORD,
        clientfp,
      },
    );
    const other = await rowOf(setup, keyOf(byToken.body.token.slice(4)));
    expect(other.clientFingerprintHash).toBe(row.clientFingerprintHash);
  });

  it("a logout that names another fingerprint is refused, and the token lives", async () => {
    const token = await freshToken({ clientfp: "the browser of Ann" });
    for (const clientfp of ["another browser", "The browser of Ann", ""]) {
      const answer = await logout(jwt(token), { clientfp });
      expect([answer.status, answer.body, cookiesOf(answer)]).toEqual([403, USERID_JWT_ERROR, []]);
    }
    expect(await statusOf(token)).toBe("ok");
    expect((await logout(jwt(token), { clientfp: "the browser of Ann" })).status).toBe(200);
    expect(await statusOf(token)).toBe("TOKEN_REVOKED");
  });

  it("clientfp is audited as the digest that is stored: at the login, at the logout, and where it is refused", async () => {
    const token = await freshToken({ clientfp: "the browser of Ann" });
    await logout(jwt(token), { clientfp: "another browser" });
    await logout(jwt(token), { clientfp: "the browser of Ann" });
    const { clientFingerprintHash: stored } = await rowOf(setup, keyOf(token));
    await untilExpected(() => {
      const events = auditOf(keyOf(token));
      expect(events.map(({ audit }) => audit)).toEqual(["login.succeeded", "logout.refused", "logout"]);
      expect(events.map(({ clientFingerprint }) => clientFingerprint === stored)).toEqual([
        true,
        false,
        true,
      ]);
    });
    expect(setup.gateway.output.log).not.toContain("another browser");
  });

  it("the doubled prefix JWT JWT is tolerated", async () => {
    const { body } = await call(
      setup.url,
      USERID_JWT_TOKEN,
      {},
      { userid: names.username, password: PASSWORD },
    );
    const doubled = { authorization: `JWT ${body.token}` };
    expect(doubled.authorization).toMatch(/^JWT JWT e/);
    expect((await call(setup.url, BUMP, doubled)).status).toBe(200);
    expect((await logout(doubled)).body).toEqual({ status: "success", message: "logout successfully" });
    expect(await statusOf(body.token.slice(4))).toBe("TOKEN_REVOKED");
  });

  describe("the session cookie", () => {
    const CROSS_SITE = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };

    it("a cookie alone may read, whoever asks", async () => {
      const session = cookie(await freshToken());
      for (const headers of [session, { ...session, ...CROSS_SITE }]) {
        expect((await call(setup.url, CTOREGISTRY_PRIVILEGE, headers)).status).toBe(200);
        const me = await send(setup.graphql, "{ me { username } }", {}, headers);
        expect(me.data.me.username).toBe(names.username);
      }
    });

    it.each([
      ["a cross-site page", CROSS_SITE],
      ["a neighbour", { "sec-fetch-site": "same-site" }],
      ["an older browser elsewhere", { origin: "https://evil.example" }],
      ["a form of an old browser", { "content-type": "text/plain" }],
      ["a request without a body", {}],
    ])("a change by cookie alone is refused without proof: %s", async (_who, headers) => {
      const token = await freshToken();
      const answer = await call(setup.url, LOGOUT, { ...cookie(token), ...headers });
      expect([answer.status, answer.body, cookiesOf(answer)]).toEqual([403, USERID_JWT_ERROR, []]);
      const bump = await call(setup.url, BUMP, { ...cookie(token), ...headers });
      expect([bump.status, Object.keys(bump.body)]).toEqual([403, ["message"]]);
      expect(await statusOf(token)).toBe("ok");
    });

    it.each([
      ["a page of the same origin", { "sec-fetch-site": "same-origin" }],
      ["the user, by the address bar", { "sec-fetch-site": "none" }],
      ["an older browser on a page of the gateway", { origin: "http://localhost:4000" }],
      ["no browser, with JSON", { "content-type": "application/json" }],
    ])("a change by cookie with proof is done: %s", async (_who, headers) => {
      const token = await freshToken();
      expect((await call(setup.url, BUMP, { ...cookie(token), ...headers })).status).toBe(200);
      const answer = await call(setup.url, LOGOUT, { ...cookie(token), ...headers });
      expect(answer.body).toEqual({ status: "success", message: "logout successfully" });
      expect(cookiesOf(answer)).toEqual(CLEARED);
      expect(await statusOf(token)).toBe("TOKEN_REVOKED");
    });

    it("the token itself also serves as proof", async () => {
      const token = await freshToken();
      const answer = await logout({ ...cookie(token), ...jwt(token), ...CROSS_SITE });
      expect([answer.status, cookiesOf(answer)]).toEqual([200, CLEARED]);
      expect(await statusOf(token)).toBe("TOKEN_REVOKED");
    });
  });
});
