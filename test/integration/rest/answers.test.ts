import {
  basic,
  bearer,
  loginUser,
  PASSWORD,
  registerUser,
  send,
  uniqueName,
  type SignedIn,
} from "../../support/client.js";
import { askRotation, claimsOf } from "../../support/token-calls.js";
import { call, jwt, xAccess, type RestAnswer } from "../../support/rest/call.js";
import {
  BUMP,
  LOGIN,
  LOGOUT,
  CTOREGISTRY_LOGIN,
  CTOREGISTRY_LOGOUT,
  CTOREGISTRY_PRIVILEGE,
  WEBITEL_LOGIN,
  WEBITEL_LOGOUT,
  USERID_JWT_REGISTER,
  USERID_JWT_TOKEN,
} from "../../support/rest/token-uses.js";
import { ISSUERS } from "../../support/rest/token-operations.js";
import { onEachGateway } from "../../support/with-gateway.js";
import {
  INSTANT,
  CTOREGISTRY_ERROR,
  USERTOKEN_ERROR,
  WEBITEL_ERROR,
  USERID_JWT_ERROR,
  USERID_JWT_LOGIN_ERROR,
} from "../../support/rest/shapes.js";

const HOUR_MS = 3_600_000;

/** Every line that may be sent a body, what else it needs, and how it refuses one that is malformed. */
const READERS: [line: string, shape: object, form: "basic" | "jwt" | "none"][] = [
  ["POST /api/v1/security/authentication", CTOREGISTRY_ERROR("authentication"), "none"],
  [CTOREGISTRY_LOGIN, CTOREGISTRY_ERROR("authentication"), "none"],
  [LOGIN, USERID_JWT_LOGIN_ERROR, "none"],
  [LOGIN, USERTOKEN_ERROR, "basic"],
  [LOGOUT, USERID_JWT_ERROR, "jwt"],
  [BUMP, USERTOKEN_ERROR, "jwt"],
  [CTOREGISTRY_LOGOUT, CTOREGISTRY_ERROR("logout"), "jwt"],
  [WEBITEL_LOGOUT, WEBITEL_ERROR(), "jwt"],
  [WEBITEL_LOGIN, WEBITEL_ERROR(), "none"],
  [USERID_JWT_REGISTER, USERID_JWT_ERROR, "none"],
  [USERID_JWT_TOKEN, USERID_JWT_ERROR, "none"],
];

const MALFORMED: [what: string, body: string | Buffer][] = [
  ["cut off", '{"userid":"ann","password":"x"'],
  ["a trailing comma", '{"userid":"ann","password":"x",}'],
  ["single quotes", "{'userid':'ann','password':'x'}"],
  ["keys without quotes", '{userid:"ann",password:"x"}'],
  ["a comment", '{"userid":"ann",/* who */"password":"x"}'],
  ["a line break in a text", '{"userid":"ann\n","password":"x"}'],
  ["two values", '{"userid":"ann","password":"x"}{}'],
  ["a number that JSON does not know", '{"userid":NaN,"password":0x10}'],
  ["a form", "userid=ann&password=x"],
  ["bytes that are not UTF-8", Buffer.from('{"userid":"\u00ff","password":"x"}', "latin1")],
  ["a reach for the prototype", '{"userid":"ann","password":"x","__proto__":{"role":"root"}}'],
];

/** What answers hold and how: times, versions, what is unset, and the JSON itself. */
onEachGateway("answers of all dialects", (setup) => {
  let ann: SignedIn;

  beforeAll(async () => {
    ann = await registerUser(setup.graphql);
  });

  const login = (body?: unknown): Promise<RestAnswer> =>
    call(setup.url, LOGIN, basic(ann.username, PASSWORD), body);

  it("usertoken-bearer's and usertoken-xauth's times are ISO 8601, whatever the offset on input: the same instant comes back", async () => {
    const instant = Math.floor(Date.now() / 1_000) * 1_000 + 2 * HOUR_MS;
    for (const [offset, minutes] of [
      ["Z", 0],
      ["-05:00", -300],
      ["+05:30", 330],
      ["+14:00", 840],
      ["-00:00", 0],
    ] as const) {
      const written = new Date(instant + minutes * 60_000).toISOString().replace(".000Z", offset);
      const { status, body } = await login({ expirationTime: written });
      expect([offset, status]).toEqual([offset, 200]);
      expect(body.expirationTime).toMatch(INSTANT);
      expect(Date.parse(body.expirationTime)).toBe(instant);
      expect(body.creationTime).toMatch(INSTANT);
      expect(claimsOf(body.token).exp).toBe(instant / 1_000);
    }
    const bumped = (await call(setup.url, BUMP, bearer(ann.token))).body;
    expect(bumped.lastLoginTime).toMatch(INSTANT);
  });

  it("webitel's expires is in milliseconds, the JWT's exp in seconds, and both are one instant", async () => {
    const before = Date.now();
    const { body } = await call(setup.url, WEBITEL_LOGIN, {}, { username: ann.username, password: PASSWORD });
    const { exp } = claimsOf(body.token);
    expect(body.expires).toBe(Number(exp) * 1_000);
    expect(Number.isInteger(body.expires)).toBe(true);
    // A month off, give or take the rest of a second.
    expect(body.expires).toBeGreaterThan(before + 29 * 24 * HOUR_MS);
    expect(body.expires).toBeLessThan(before + 31 * 24 * HOUR_MS);
  });

  it.each(Object.keys(ISSUERS))("the version of a new token is 0: %s", async (endpoint) => {
    const { token } = await ISSUERS[endpoint]!(setup.url, { username: ann.username, password: PASSWORD });
    expect(claimsOf(token).ver).toBe(0);
    const list = await send(setup.graphql, "{ userTokens { nodes { version current } } }", {}, bearer(token));
    expect(list.data.userTokens.nodes.find((node: { current: boolean }) => node.current).version).toBe(0);
  });

  it("usertoken-bearer's answer says 0, and 1 is the version after a rotation", async () => {
    const { body } = await login();
    expect(body.version).toBe(0);
    const rotated = (await askRotation(setup.graphql, body.token)).data.rotateUserToken;
    expect(rotated.userToken.version).toBe(1);
  });

  it("unset optional fields are absent, not null", async () => {
    const username = uniqueName();
    const registered = await call(
      setup.url,
      USERID_JWT_REGISTER,
      {},
      {
        username,
        password: PASSWORD,
        email: null,
        phone: "",
      },
    );
    const byName = { username, password: PASSWORD };
    const byId = { userid: username, password: PASSWORD };
    const answers = [
      registered,
      await call(setup.url, USERID_JWT_TOKEN, {}, byId),
      await call(setup.url, LOGIN, {}, byId),
      await call(setup.url, CTOREGISTRY_LOGIN, {}, byName),
      await call(setup.url, WEBITEL_LOGIN, {}, byName),
      await login(),
      await login({ note: null, expirationTime: null }),
      await login({ note: "" }),
    ];
    for (const { status, text } of answers) {
      expect(status).toBe(200);
      expect(text).not.toMatch(/null|"(?:note|email|phone)"/);
    }
  });

  it.each(READERS)("a malformed body is 400 in the dialect's own shape: %s", async (line, shape, form) => {
    const headers = form === "basic" ? basic(ann.username, PASSWORD) : form === "jwt" ? jwt(ann.token) : {};
    for (const [what, body] of MALFORMED) {
      const answer = await call(setup.url, line, headers, body);
      expect([what, answer.status, answer.body]).toEqual([what, 400, shape]);
    }
    const form415 = { ...headers, "content-type": "application/x-www-form-urlencoded" };
    const notJson = await call(setup.url, line, form415, "userid=ann&password=x");
    expect([notJson.status, notJson.body]).toEqual([415, shape]);
    const huge = await call(setup.url, line, headers, { userid: "a".repeat(70_000) });
    expect([huge.status, huge.body]).toEqual([413, shape]);
  });

  it("what comes out is JSON, and says so", async () => {
    const { token } = await loginUser(setup.graphql, { userid: ann.username, password: PASSWORD });
    const answers = [
      await login(),
      await call(setup.url, CTOREGISTRY_PRIVILEGE, jwt(token)),
      await call(setup.url, BUMP, jwt(token)),
      await call(setup.url, WEBITEL_LOGOUT, xAccess(token)),
      await call(setup.url, CTOREGISTRY_LOGOUT, jwt(token)),
      await call(setup.url, LOGIN, {}, "{"),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 401, 400]);
    for (const { headers } of answers) {
      expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
      expect(headers.get("cache-control")).toBe("no-store");
    }
  });
});
