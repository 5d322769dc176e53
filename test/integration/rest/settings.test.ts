import { parseSetCookie } from "cookie";
import { basic, PASSWORD, registerUser, send, type SignedIn } from "../../support/client.js";
import { claimsOf } from "../../support/token-calls.js";
import { call, cookie, jwt } from "../../support/rest/call.js";
import {
  BUMP,
  LOGIN,
  LOGOUT,
  CTOREGISTRY_LOGIN,
  CTOREGISTRY_PRIVILEGE,
  WEBITEL_LOGIN,
  WEBITEL_LOGOUT,
  USERID_JWT_REGISTER,
  USERID_JWT_TOKEN,
} from "../../support/rest/token-uses.js";
import { onEachGateway } from "../../support/with-gateway.js";
import {
  BASIC_CHALLENGE,
  INSTANT,
  JWT,
  USERTOKEN_ERROR,
  WEBITEL_ERROR,
  USERID_JWT_LOGIN_ERROR,
  USERID_JWT_LOGOUT_ERROR,
} from "../../support/rest/shapes.js";

const SECURE = { name: "__Host-latchkey_session", path: "/", httpOnly: true, sameSite: "lax", secure: true };

onEachGateway(
  "with the settings that change a dialect",
  (setup) => {
    let ann: SignedIn;

    beforeAll(async () => {
      ann = await registerUser(setup.graphql);
    });

    const byId = () => ({ userid: ann.username, password: PASSWORD });
    const session = (token: string) => cookie(token, SECURE.name);

    it("CONCEAL_UNKNOWN_USERS: an unknown user is answered like a wrong password", async () => {
      const [unknown, wrong] = [
        await call(setup.url, WEBITEL_LOGIN, {}, { username: "nobody-of-that-name", password: PASSWORD }),
        await call(setup.url, WEBITEL_LOGIN, {}, { username: ann.username, password: "wrong password" }),
      ];
      for (const { status, body, headers } of [unknown, wrong])
        expect([status, body, headers.get("www-authenticate")]).toEqual([
          401,
          WEBITEL_ERROR("Invalid credentials"),
          'Bearer realm="latchkey"',
        ]);
      expect(unknown.text).toBe(wrong.text);
      const nameless = await call(setup.url, WEBITEL_LOGIN, {}, { password: PASSWORD });
      expect([nameless.status, nameless.body]).toEqual([400, WEBITEL_ERROR("User name is required")]);
    });

    it("a token that never expires has no expirationTime, unless one is asked for", async () => {
      const { body } = await call(setup.url, LOGIN, basic(ann.username, PASSWORD));
      expect(body).toEqual({
        creationTime: expect.stringMatching(INSTANT),
        enabled: true,
        token: expect.stringMatching(JWT),
        version: 0,
      });
      expect(claimsOf(body.token)).not.toHaveProperty("exp");
      const expirationTime = new Date(Date.now() + 3_600_000).toISOString();
      const asked = await call(setup.url, LOGIN, basic(ann.username, PASSWORD), { expirationTime });
      expect(asked.body.expirationTime).toBe(expirationTime);
    });

    it("webitel's tokens expire all the same, at the instant of their exp", async () => {
      const { body } = await call(
        setup.url,
        WEBITEL_LOGIN,
        {},
        { username: ann.username, password: PASSWORD },
      );
      expect(body.expires).toBe(Number(claimsOf(body.token).exp) * 1_000);
      expect(body.expires).toBeGreaterThan(Date.now());
    });

    it("the session cookie on TLS is Secure and has the __Host- prefix", async () => {
      const { body, headers } = await call(setup.url, LOGIN, {}, byId());
      expect(headers.getSetCookie().map((text) => parseSetCookie(text))).toEqual([
        { ...SECURE, value: body.userinfo.token },
      ]);
      const { token } = body.userinfo;
      const out = await call(setup.url, LOGOUT, { ...jwt(token), ...session(token) });
      expect(out.headers.getSetCookie().map((text) => parseSetCookie(text))).toEqual([
        { ...SECURE, value: "", maxAge: 0, expires: new Date(0) },
      ]);
    });

    it("SESSION_REQUIRE_TOKEN demands cookie and token together", async () => {
      const { token } = (await call(setup.url, LOGIN, {}, byId())).body.userinfo;
      const own = { "sec-fetch-site": "same-origin", "content-type": "application/json" };
      const alone = { ...session(token), ...own };
      for (const line of [BUMP, CTOREGISTRY_PRIVILEGE, WEBITEL_LOGOUT, LOGOUT])
        expect([line, (await call(setup.url, line, alone)).status]).toEqual([line, 401]);
      const refused = await call(setup.url, LOGOUT, alone);
      expect([refused.body, refused.headers.getSetCookie()]).toEqual([USERID_JWT_LOGOUT_ERROR, []]);
      const me = await send(setup.graphql, "{ me { username } }", {}, alone);
      expect(me.code).toBe("UNAUTHENTICATED");
      const together = { ...session(token), ...jwt(token) };
      for (const line of [BUMP, CTOREGISTRY_PRIVILEGE])
        expect((await call(setup.url, line, together)).status).toBe(200);
      expect((await call(setup.url, LOGOUT, together)).status).toBe(200);
      expect((await call(setup.url, BUMP, together)).status).toBe(401);
    });
  },
  {
    CONCEAL_UNKNOWN_USERS: "true",
    SESSION_REQUIRE_TOKEN: "true",
    USER_TOKEN_LIFETIME: "never",
    ISSUER: "https://auth.example.org",
  },
  ["sqlite"],
);

/** Whether each line is served: 404 is what nothing is served by. */
const servedOf = async (url: string, lines: readonly string[]) => {
  const served = await Promise.all(
    lines.map(async (line) => [line, (await call(url, line)).status !== 404] as const),
  );
  return Object.fromEntries(served);
};

const all = (lines: readonly string[], served: boolean) =>
  Object.fromEntries(lines.map((line) => [line, served]));

onEachGateway(
  "with ctoregistry, webitel and userid-jwt alone",
  (setup) => {
    let ann: SignedIn;

    beforeAll(async () => {
      ann = await registerUser(setup.graphql);
    });

    it("what is switched on is served under its prefix, and not without it", async () => {
      const here = [
        "POST /old/registry/api/v1/security/authentication",
        "PUT /old/registry/security/logout",
        "GET /old/registry/security/privilegeToken",
        "POST /webitel/login",
        "POST /webitel/logout",
        LOGIN,
        LOGOUT,
        USERID_JWT_REGISTER,
        USERID_JWT_TOKEN,
      ];
      const gone = [
        CTOREGISTRY_LOGIN,
        CTOREGISTRY_PRIVILEGE,
        WEBITEL_LOGIN,
        WEBITEL_LOGOUT,
        "POST /webitel/auth/login",
      ];
      expect(await servedOf(setup.url, here)).toEqual(all(here, true));
      expect(await servedOf(setup.url, gone)).toEqual(all(gone, false));
      const body = { username: ann.username, password: PASSWORD };
      expect((await call(setup.url, "POST /webitel/login", {}, body)).body.username).toBe(ann.username);
      const registry = await call(setup.url, "POST /old/registry/security/authentication", {}, body);
      expect(registry.body.id).toEqual({ id: ann.id });
    });

    it("of usertoken-bearer and usertoken-xauth, switched off, nothing is served, and what they share is userid-jwt's", async () => {
      expect(await servedOf(setup.url, [BUMP])).toEqual({ [BUMP]: false });
      const login = await call(setup.url, LOGIN, basic(ann.username, PASSWORD));
      expect([login.status, login.body]).toEqual([400, USERID_JWT_LOGIN_ERROR]);
      const out = await call(setup.url, LOGOUT, { authorization: "Bearer garbage" });
      expect([out.status, out.body]).toEqual([401, USERID_JWT_LOGOUT_ERROR]);
    });
  },
  {
    DIALECTS: "ctoregistry,webitel,userid-jwt",
    DIALECT_PREFIXES: "ctoregistry=/old/registry,webitel=/webitel",
  },
  ["sqlite"],
);

onEachGateway(
  "with usertoken-bearer and usertoken-xauth alone",
  (setup) => {
    it("usertoken-bearer and usertoken-xauth are served, each under a prefix of its own", async () => {
      const { username, token } = await registerUser(setup.graphql);
      for (const prefix of ["/one", "/four"]) {
        const login = await call(setup.url, `POST ${prefix}/auth/login`, basic(username, PASSWORD));
        expect([login.status, login.body.enabled]).toEqual([200, true]);
        expect((await call(setup.url, `POST ${prefix}/auth/bump`, jwt(token))).status).toBe(200);
        const body = { userid: username, password: PASSWORD };
        const json = await call(setup.url, `POST ${prefix}/auth/login`, {}, body);
        expect([json.status, json.body]).toEqual([401, USERTOKEN_ERROR]);
        expect(json.headers.get("www-authenticate")).toBe(BASIC_CHALLENGE);
        const out = await call(setup.url, `POST ${prefix}/auth/logout`, jwt(login.body.token));
        expect([out.status, out.body]).toEqual([200, { success: true }]);
      }
    });

    it("of ctoregistry, webitel and userid-jwt, switched off, nothing is served", async () => {
      const gone = [
        "POST /api/v1/security/authentication",
        CTOREGISTRY_LOGIN,
        CTOREGISTRY_PRIVILEGE,
        WEBITEL_LOGIN,
        WEBITEL_LOGOUT,
        USERID_JWT_REGISTER,
        USERID_JWT_TOKEN,
        "POST /one/auth/register",
        "POST /four/auth/token",
        LOGIN,
        BUMP,
        LOGOUT,
      ];
      expect(await servedOf(setup.url, gone)).toEqual(all(gone, false));
      const { status, body } = await call(setup.url, WEBITEL_LOGIN, {}, { username: "ann" });
      expect([status, body.errors[0].extensions.code]).toEqual([404, "NOT_FOUND"]);
    });
  },
  {
    DIALECTS: "usertoken-bearer,usertoken-xauth",
    DIALECT_PREFIXES: "usertoken-bearer=/one,usertoken-xauth=/four",
  },
  ["sqlite"],
);
