import { withBadSignature } from "../../support/bad-signature.js";
import { base64, basic, bearer, PASSWORD, registerUser, type SignedIn } from "../../support/client.js";
import { claimsOf } from "../../support/token-calls.js";
import { bare, call, cookie, jwt, xAccess, xAuth } from "../../support/rest/call.js";
import { BUMP, LOGIN, LOGOUT, CTOREGISTRY_PRIVILEGE } from "../../support/rest/token-uses.js";
import { onEachGateway } from "../../support/with-gateway.js";
import {
  BAD_TOKEN_CHALLENGE,
  BASIC_CHALLENGE,
  BEARER_CHALLENGE,
  CTOREGISTRY_ERROR,
  USERTOKEN_ERROR,
  WEBITEL_ERROR,
  USERID_JWT_ERROR,
  USERID_JWT_LOGIN_ERROR,
  USERID_JWT_LOGOUT_ERROR,
} from "../../support/rest/shapes.js";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/** Every path, its one method, and the shape of its refusals when nothing tells whose request it is. */
const PATHS: [path: string, method: string, refusal: object][] = [
  ["/api/v1/security/authentication", "POST", CTOREGISTRY_ERROR("authentication")],
  ["/api/v1/security/logout", "PUT", CTOREGISTRY_ERROR("logout")],
  ["/api/v1/security/privilegeToken", "GET", CTOREGISTRY_ERROR("privilegeToken")],
  ["/security/authentication", "POST", CTOREGISTRY_ERROR("authentication")],
  ["/security/logout", "PUT", CTOREGISTRY_ERROR("logout")],
  ["/security/privilegeToken", "GET", CTOREGISTRY_ERROR("privilegeToken")],
  ["/auth/login", "POST", USERID_JWT_LOGIN_ERROR],
  ["/auth/bump", "POST", USERTOKEN_ERROR],
  ["/auth/logout", "POST", USERID_JWT_ERROR],
  ["/auth/register", "POST", USERID_JWT_ERROR],
  ["/auth/token", "POST", USERID_JWT_ERROR],
  ["/login", "POST", WEBITEL_ERROR()],
  ["/logout", "POST", WEBITEL_ERROR()],
];

/** Whose request one to a shared path is, and what a path answers to other methods. */
onEachGateway("paths that dialects share", (setup) => {
  let ann: SignedIn;
  let ben: SignedIn;

  beforeAll(async () => {
    ann = await registerUser(setup.graphql);
    ben = await registerUser(setup.graphql);
  });

  const expectBasicAnswer = async (headers: Record<string, string>, body?: unknown) => {
    const answer = await call(setup.url, LOGIN, headers, body);
    expect([answer.status, answer.body.enabled]).toEqual([200, true]);
    expect(claimsOf(answer.body.token).sub).toBe(ann.id);
  };

  it.each(["Basic", "basic", "BASIC", "bAsIc"])(
    "/auth/login with Authorization: %s is usertoken-bearer's and usertoken-xauth's",
    async (scheme) => {
      await expectBasicAnswer({ authorization: `${scheme} ${base64(`${ann.username}:${PASSWORD}`)}` });
    },
  );

  it("/auth/login with Basic is usertoken-bearer's and usertoken-xauth's whatever the body holds", async () => {
    const headers = basic(ann.username, PASSWORD);
    for (const body of [
      {},
      { note: "n" },
      { userid: ben.username, password: PASSWORD },
      { userid: "nobody", password: "wrong" },
      { userid: 5, password: null },
    ]) {
      await expectBasicAnswer(headers, body);
    }
    const wrong = await call(setup.url, LOGIN, basic(ann.username, "wrong"), {
      userid: ben.username,
      password: PASSWORD,
    });
    expect([wrong.status, wrong.body]).toEqual([401, USERTOKEN_ERROR]);
  });

  it("/auth/login with a JSON object that holds a userid or a password is userid-jwt's", async () => {
    const both = { userid: ann.username, password: PASSWORD };
    const { status, body } = await call(setup.url, LOGIN, {}, both);
    expect([status, body.status, body.userinfo.uid]).toEqual([200, 1, ann.id]);
    for (const part of [
      { userid: ann.username },
      { password: PASSWORD },
      { userid: null },
      { password: 5 },
      { userid: ann.username, note: "n" },
    ]) {
      const answer = await call(setup.url, LOGIN, {}, part);
      expect([answer.status, answer.body]).toEqual([400, USERID_JWT_LOGIN_ERROR]);
    }
  });

  it.each([
    ["no body", undefined],
    ["an empty object", "{}"],
    ["an object without userid and password", '{"username":"ann","note":"n","expirationTime":"never"}'],
    ["an object whose note is no text", '{"note":5}'],
    ["a list", '[{"userid":"ann","password":"x"}]'],
    ["a text", '"userid"'],
    ["null", "null"],
  ])("/auth/login with neither is 401 in usertoken-bearer's style: %s", async (_what, text) => {
    const { status, body, headers } = await call(setup.url, LOGIN, {}, text);
    expect([status, body, headers.get("www-authenticate")]).toEqual([401, USERTOKEN_ERROR, BASIC_CHALLENGE]);
  });

  it("/auth/logout answers in the shape of the credential's dialect", async () => {
    const { username, token } = ann;
    const fresh = async () => (await call(setup.url, LOGIN, basic(username, PASSWORD))).body.token as string;
    const loggedOut = { status: "success", message: "logout successfully" };
    const rows: [headers: Record<string, string>, body: object][] = [
      [bearer(await fresh()), { success: true }],
      [bearer(base64(`${username}:${await fresh()}`)), { success: true }],
      [xAuth(username, await fresh()), { success: true }],
      [{ "x-auth-token": await fresh() }, { success: true }],
      [jwt(await fresh()), loggedOut],
      [bare(await fresh()), loggedOut],
      [xAccess(await fresh()), loggedOut],
      [{ ...cookie(await fresh()), "content-type": "application/json" }, loggedOut],
    ];
    for (const [headers, body] of rows) {
      const answer = await call(setup.url, LOGOUT, headers);
      expect([answer.status, answer.body]).toEqual([200, body]);
    }
    expect((await call(setup.url, CTOREGISTRY_PRIVILEGE, bearer(token))).status).toBe(200);
  });

  it("/auth/logout refuses in the shape of the credential's dialect", async () => {
    const bad = withBadSignature(ann.token);
    const rows: [headers: Record<string, string>, body: object][] = [
      [bearer(bad), USERTOKEN_ERROR],
      [bearer("garbage"), USERTOKEN_ERROR],
      [xAuth(ann.username, bad), USERTOKEN_ERROR],
      [{ "x-auth-token": "garbage" }, USERTOKEN_ERROR],
      [jwt(bad), USERID_JWT_LOGOUT_ERROR],
      [bare(bad), USERID_JWT_LOGOUT_ERROR],
      [xAccess(bad), USERID_JWT_LOGOUT_ERROR],
      [cookie(bad), USERID_JWT_LOGOUT_ERROR],
    ];
    for (const [headers, body] of rows) {
      const answer = await call(setup.url, LOGOUT, headers);
      expect([answer.status, answer.body]).toEqual([401, body]);
      expect(answer.headers.get("www-authenticate")).toBe(BAD_TOKEN_CHALLENGE);
    }
  });

  it('/auth/logout without any credential is 401 with userid-jwt\'s error body and "success": false', async () => {
    for (const body of [undefined, {}, { clientfp: "fingerprint" }]) {
      const answer = await call(setup.url, LOGOUT, {}, body);
      expect([answer.status, answer.body]).toEqual([401, { ...USERID_JWT_LOGOUT_ERROR, success: false }]);
      expect(answer.headers.get("www-authenticate")).toBe(BEARER_CHALLENGE);
    }
  });

  it("two credentials are 400 in userid-jwt's shape at /auth/logout, in usertoken-bearer's at the Basic login and at /auth/bump", async () => {
    const two = { ...bearer(ann.token), ...xAuth(ann.username, ann.token) };
    const logout = await call(setup.url, LOGOUT, two);
    expect([logout.status, logout.body]).toEqual([400, USERID_JWT_ERROR]);
    const bump = await call(setup.url, BUMP, two);
    expect([bump.status, bump.body]).toEqual([400, USERTOKEN_ERROR]);
    const login = await call(setup.url, LOGIN, { ...basic(ann.username, PASSWORD), "x-auth-token": "x" });
    expect([login.status, login.body]).toEqual([400, USERTOKEN_ERROR]);
    expect((await call(setup.url, CTOREGISTRY_PRIVILEGE, bearer(ann.token))).status).toBe(200);
  });

  it.each(PATHS)("%s answers methods other than %s with 405 and Allow", async (path, own, refusal) => {
    for (const method of METHODS.filter((each) => each !== own)) {
      const { status, headers, body } = await call(setup.url, `${method} ${path}`);
      const allowed = headers.get("allow")?.split(", ");
      expect([status, allowed]).toEqual([405, [own, "OPTIONS"]]);
      expect(body).toEqual(method === "HEAD" ? null : refusal);
      expect(headers.get("content-type")).toMatch(/^application\/json/);
    }
    const options = await call(setup.url, `OPTIONS ${path}`);
    expect([options.status, options.headers.get("allow")]).toEqual([204, `${own}, OPTIONS`]);
    expect((await call(setup.url, `${own} ${path}`)).status).not.toBe(405);
  });
});
