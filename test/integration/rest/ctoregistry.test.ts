import { withBadSignature } from "../../support/bad-signature.js";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { bearer, PASSWORD, registerUser, uniqueName, type SignedIn } from "../../support/client.js";
import { requestHead, sendRaw } from "../../support/raw-http.js";
import { moveTime } from "../../support/token-calls.js";
import { bare, call, jwt, keyOf } from "../../support/rest/call.js";
import { ALIVE, DEAD, statusByDialect } from "../../support/rest/token-uses.js";
import { onEachGateway } from "../../support/with-gateway.js";
import { JWT, CTOREGISTRY_ERROR, UUID } from "../../support/rest/shapes.js";

const ROOTS = ["/api/v1/security", "/security"];

onEachGateway("the dialect ctoregistry", (setup) => {
  let ann: SignedIn;
  let keys: ReturnType<typeof createRemoteJWKSet>;

  beforeAll(async () => {
    ann = await registerUser(setup.graphql, { username: uniqueName("Änn") });
    keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", setup.url));
  });

  const login = (root = "/security", body: unknown = { username: ann.username, password: PASSWORD }) =>
    call(setup.url, `POST ${root}/authentication`, {}, body);
  const freshToken = async (): Promise<string> => (await login()).body.token;
  const privilegeOf = (headers: Record<string, string>, root = "/security") =>
    call(setup.url, `GET ${root}/privilegeToken`, headers);
  const logout = (headers: Record<string, string>, root = "/security") =>
    call(setup.url, `PUT ${root}/logout`, headers);

  it.each(ROOTS)("POST %s/authentication answers id, token and privilege", async (root) => {
    const { status, body } = await login(root);
    expect(status).toBe(200);
    expect(body).toEqual({
      id: { id: ann.id },
      token: expect.stringMatching(JWT),
      privilege: expect.stringMatching(JWT),
    });
    expect(body.id.id).toMatch(UUID);
  });

  it.each(ROOTS)("a wrong login to POST %s/authentication is 401 JSON", async (root) => {
    for (const body of [
      { username: ann.username, password: "wrong password" },
      { username: "nobody-of-that-name", password: PASSWORD },
      { username: "", password: "" },
    ]) {
      const answer = await login(root, body);
      expect([answer.status, answer.body]).toEqual([401, CTOREGISTRY_ERROR("authentication")]);
    }
  });

  it.each([
    ["no body", undefined],
    ["an empty object", {}],
    ["no username", { password: PASSWORD }],
    ["no password", { username: "ann" }],
    ["null", { username: null, password: null }],
    ["a number for a password", { username: "ann", password: 12345678 }],
    ["a list for a username", { username: ["ann"], password: PASSWORD }],
    ["an object for a username", { username: { $ne: "" }, password: PASSWORD }],
    ["a truth value for a password", { username: "ann", password: true }],
    ["a list for a body", [{ username: "ann", password: PASSWORD }]],
    ["a null for a body", "null"],
  ])("username and password are required strings: %s is 400", async (_what, body) => {
    const answer = await call(setup.url, "POST /security/authentication", {}, body);
    expect([answer.status, answer.body]).toEqual([400, CTOREGISTRY_ERROR("authentication")]);
  });

  it("later calls carry Authorization: <JWT> with no scheme; Bearer and JWT schemes also work", async () => {
    for (const form of [bare, bearer, jwt]) {
      const token = await freshToken();
      expect((await privilegeOf(form(token))).status).toBe(200);
      expect((await logout(form(token))).status).toBe(200);
      expect((await privilegeOf(form(token))).status).toBe(401);
    }
  });

  it.each(ROOTS)(
    "PUT %s/logout answers status, action, id and result, and ends access at once",
    async (root) => {
      const token = await freshToken();
      expect(await statusByDialect(setup.url, ann.username, token)).toEqual(ALIVE);
      const { status, body } = await logout(bare(token), root);
      expect(status).toBe(200);
      expect(body).toEqual({
        status: expect.any(String),
        action: "logout",
        id: { id: ann.id },
        result: expect.any(String),
      });
      expect(body.status).not.toBe("error");
      expect(await statusByDialect(setup.url, ann.username, token)).toEqual(DEAD);
      const second = await logout(bare(token), root);
      expect([second.status, second.body]).toEqual([401, CTOREGISTRY_ERROR("logout")]);
    },
  );

  it.each(ROOTS)("GET %s/privilegeToken answers the privilege", async (root) => {
    const { status, body } = await privilegeOf(bare(ann.token), root);
    expect([status, body]).toEqual([200, { privilege: expect.stringMatching(JWT) }]);
  });

  it("GET privilegeToken is 401 without a valid token", async () => {
    const expired = await freshToken();
    await moveTime(setup.database, keyOf(expired), "expirationTime", Date.now());
    const { privilege } = (await privilegeOf(bare(ann.token))).body;
    for (const headers of [
      {},
      bare(""),
      bare("garbage"),
      bare(withBadSignature(ann.token)),
      bare(expired),
      bare(privilege),
    ]) {
      const { status, body } = await privilegeOf(headers);
      expect([status, body]).toEqual([401, CTOREGISTRY_ERROR("privilegeToken")]);
    }
  });

  it("the privilege of login and of this route verify with the published keys and name the same user", async () => {
    const { body } = await login();
    const { privilege } = (await privilegeOf(bare(body.token))).body;
    for (const each of [body.privilege, privilege]) {
      const { payload } = await jwtVerify(each, keys, {
        issuer: "http://localhost:4000",
        typ: "privilege+jwt",
      });
      expect([payload.sub, payload.username]).toEqual([ann.id, ann.username]);
    }
    await expect(jwtVerify(withBadSignature(privilege), keys)).rejects.toMatchObject({
      code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
    });
  });

  it.each([
    ["no length", []],
    ["a length of nothing", ["Content-Length: 0"]],
  ])(
    "Content-Type: application/json on PUT and GET without a body does not fail: %s",
    async (_what, length) => {
      const token = await freshToken();
      const headers = [`Authorization: ${token}`, "Content-Type: application/json", ...length];
      for (const root of ROOTS) {
        const get = await sendRaw(setup.url, requestHead(`GET ${root}/privilegeToken`, headers));
        expect([get.status, Object.keys(JSON.parse(get.body))]).toEqual([200, ["privilege"]]);
      }
      const put = await sendRaw(setup.url, requestHead("PUT /security/logout", headers));
      expect([put.status, JSON.parse(put.body).action]).toEqual([200, "logout"]);
      const again = await sendRaw(setup.url, requestHead("PUT /api/v1/security/logout", headers));
      expect(again.status).toBe(401);
    },
  );
});
