import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import {
  bearer,
  loginUser,
  PASSWORD,
  registerUser,
  send,
  tokenStatusOf,
  uniqueName,
  type SignedIn,
} from "../../support/client.js";
import { onEachDatabase, type TestDatabase } from "../../support/databases.js";
import { runCommand, startGateway, type RunningGateway, type Settings } from "../../support/gateway.js";
import { FORM_NAMES, present, sendWithHeaders } from "../../support/credential-forms.js";
import { makeToken, moveTime, revokeToken, rotate, updateToken } from "../../support/token-calls.js";

const ISSUER = "http://localhost:4000";
const LIFETIME = 300;
const QUERY =
  "query ($audience: String) { privilegeToken(audience: $audience) { privilege expirationTime } }";

onEachDatabase("privilege tokens", (create) => {
  let database: TestDatabase;
  let gateway: RunningGateway;
  let settings: Settings;
  let url: string;
  let keys: ReturnType<typeof createRemoteJWKSet>;
  let ann: SignedIn;

  beforeAll(async () => {
    database = await create();
    settings = { DATABASE_URL: database.url, ISSUER, PRIVILEGE_AUDIENCES: "supergraph,billing" };
    gateway = await startGateway(settings);
    url = gateway.graphql;
    keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", gateway.url));
    ann = await registerUser(url, { username: uniqueName("Änn") });
  });

  afterAll(async () => {
    await gateway.stop();
    await database.drop();
  });

  const ask = (token: string, variables: Record<string, unknown> = {}) =>
    send(url, QUERY, variables, bearer(token));

  async function issue(
    token: string,
    audience?: string,
  ): Promise<{ privilege: string; expirationTime: string }> {
    const { data, text } = await ask(token, audience === undefined ? {} : { audience });
    if (!data) throw new Error(text);
    return data.privilegeToken;
  }

  const verify = (privilege: string, audience = "supergraph") =>
    jwtVerify(privilege, keys, { issuer: ISSUER, audience, algorithms: ["ES256"], typ: "privilege+jwt" });

  const cli = async (...args: string[]) => {
    expect(await runCommand(args, settings)).toMatchObject({ code: 0 });
  };

  it("says who calls, in which role, with which scopes, and verifies with the published keys", async () => {
    const before = Math.floor(Date.now() / 1_000);
    const { token, key } = await makeToken(url, ann.token, { scopes: ["account:read", "tokens:manage"] });
    const { privilege, expirationTime } = await issue(token);
    const { payload, protectedHeader } = await verify(privilege);
    const { iat, exp, jti, ...claims } = payload;
    expect(claims).toEqual({
      iss: ISSUER,
      aud: "supergraph",
      sub: ann.id,
      sid: key,
      role: "viewer",
      privilegeLevel: 0,
      scope: "account:read tokens:manage",
      username: ann.username,
    });
    expect(protectedHeader).toEqual({ alg: "ES256", typ: "privilege+jwt", kid: protectedHeader.kid });
    expect(jti).toMatch(/^[0-9a-f-]{36}$/);
    expect(iat).toBeGreaterThanOrEqual(before);
    expect(exp! - iat!).toBeLessThanOrEqual(LIFETIME);
    expect(exp! * 1_000).toBeLessThanOrEqual(Date.parse(expirationTime));
    expect(Date.parse(expirationTime)).toBeLessThanOrEqual(Date.now() + LIFETIME * 1_000);
  });

  it("the one of a login is the default audience's, as the query answers it", async () => {
    const login = await loginUser(url, { userid: ann.username, password: PASSWORD });
    const { payload } = await verify(login.privilege);
    expect(payload).toMatchObject({ sub: ann.id, sid: login.key, aud: "supergraph" });
    expect((await issue(login.token)).privilege).toBe(login.privilege);
  });

  it("no scopes are an empty string", async () => {
    const { token } = await makeToken(url, ann.token, { scopes: [] });
    expect((await verify((await issue(token)).privilege)).payload.scope).toBe("");
  });

  it("an audience that is listed gets its own token, good for it and no other", async () => {
    const { privilege } = await issue(ann.token, "billing");
    expect((await verify(privilege, "billing")).payload.aud).toBe("billing");
    await expect(verify(privilege)).rejects.toMatchObject({
      code: "ERR_JWT_CLAIM_VALIDATION_FAILED",
      claim: "aud",
    });
    expect((await issue(ann.token, "supergraph")).privilege).not.toBe(privilege);
    expect(await ask(ann.token, { audience: null })).toMatchObject({ data: { privilegeToken: {} } });
  });

  it.each(["warehouse", "", "Billing", " billing", "supergraph,billing", ISSUER])(
    "the audience %j is refused with BAD_USER_INPUT",
    async (audience) => {
      const answer = await ask(ann.token, { audience });
      expect([answer.status, answer.code, answer.fields]).toEqual([
        200,
        "BAD_USER_INPUT",
        ["audience:NOT_ALLOWED"],
      ]);
    },
  );

  it("is cached for one token, one audience and one version", async () => {
    const [one, two] = [await makeToken(url, ann.token), await makeToken(url, ann.token)];
    const first = await issue(one.token);
    expect(await issue(one.token)).toEqual(first);
    expect(await issue(one.token, "supergraph")).toEqual(first);
    const others = [
      (await issue(one.token, "billing")).privilege,
      (await issue(two.token)).privilege,
      (await issue((await rotate(url, one.token)).token)).privilege,
    ];
    const ids = [first.privilege, ...others].map((privilege) => decodeJwt(privilege).jti);
    expect(new Set(ids).size).toBe(4);
  });

  it("never outlives the user token, however often that end is moved nearer", async () => {
    const { token, key } = await makeToken(url, ann.token);
    const long = await issue(token);
    for (const seconds of [200, 100, 30]) {
      const expirationTime = new Date(Date.now() + seconds * 1_000).toISOString();
      await updateToken(url, ann.token, key, { expirationTime });
      const short = await issue(token);
      expect(short.privilege).not.toBe(long.privilege);
      expect(Date.parse(short.expirationTime)).toBeLessThanOrEqual(Date.parse(expirationTime));
      expect(decodeJwt(short.privilege).exp! * 1_000).toBeLessThanOrEqual(Date.parse(expirationTime));
    }
    await moveTime(database, key, "expirationTime", Date.now());
    expect((await ask(token)).reason).toBe("TOKEN_EXPIRED");
  });

  it("follows a change of role at once, up and down, with its scopes", async () => {
    const user = await registerUser(url);
    const claims = async (token: string) => {
      const { role, privilegeLevel, scope } = (await verify((await issue(token)).privilege)).payload;
      return [role, privilegeLevel, scope];
    };
    const mine = "account:read account:write tokens:manage";
    expect(await claims(user.token)).toEqual(["viewer", 0, mine]);
    await cli("users", "role", user.username, "admin");
    // An older token does not grow: what it may do was said when it was made.
    expect(await claims(user.token)).toEqual(["admin", 2, mine]);
    const admin = await loginUser(url, { userid: user.username, password: PASSWORD });
    expect(await claims(admin.token)).toEqual(["admin", 2, `${mine} users:read users:manage audit:read`]);
    const { data } = await send(url, "{ me { role privilegeLevel } }", {}, bearer(admin.token));
    expect(data.me).toEqual({ role: "ADMIN", privilegeLevel: 2 });
    await cli("users", "role", user.username, "user");
    expect(await claims(admin.token)).toEqual(["user", 1, mine]);
  });

  it("none is issued without a valid user token", async () => {
    const { token, key } = await makeToken(url, ann.token);
    await revokeToken(url, ann.token, key);
    expect((await ask(token)).reason).toBe("TOKEN_REVOKED");
    expect((await send(url, QUERY)).reason).toBe("NO_CREDENTIAL");
  });

  describe("as a credential", () => {
    it("one of the default audience reads who its subject is, in every form", async () => {
      const { token, key } = await makeToken(url, ann.token);
      const presented = { token: (await issue(token)).privilege, key, owner: ann.username };
      for (const form of FORM_NAMES) {
        const answer = await sendWithHeaders(url, "{ me { username } }", present(form, presented));
        expect(answer.data).toEqual({ me: { username: ann.username } });
      }
    });

    it.each([
      "{ privilegeToken { privilege } }",
      "{ userTokens { totalCount } }",
      "mutation { bumpLogin { lastLoginTime } }",
      "mutation { logout { success } }",
      "mutation { rotateUserToken { token } }",
      'mutation { createUserToken(input: { note: "n" }) { token } }',
      'mutation { updateUserToken(key: "k", input: {}) { key } }',
      'mutation { revokeUserToken(key: "k") { key } }',
      "mutation { revokeAllUserTokens }",
    ])("it is good for nothing else: %s", async (operation) => {
      const { privilege } = await issue(ann.token);
      const answer = await send(url, operation, {}, bearer(privilege));
      expect([answer.code, answer.reason]).toEqual(["UNAUTHENTICATED", "INVALID_CREDENTIAL"]);
      expect(await tokenStatusOf(url, bearer(ann.token))).toBe("ok");
    });

    it("one of another audience is refused", async () => {
      const { privilege } = await issue(ann.token, "billing");
      expect(await tokenStatusOf(url, bearer(privilege))).toBe("INVALID_CREDENTIAL");
    });

    it("it ends with its user token, and rests while that is disabled", async () => {
      const { token, key } = await makeToken(url, ann.token);
      const { privilege } = await issue(token);
      await updateToken(url, ann.token, key, { enabled: false });
      expect(await tokenStatusOf(url, bearer(privilege))).toBe("TOKEN_DISABLED");
      await updateToken(url, ann.token, key, { enabled: true });
      await rotate(url, token);
      expect(await tokenStatusOf(url, bearer(privilege))).toBe("ok");
      await revokeToken(url, ann.token, key);
      expect(await tokenStatusOf(url, bearer(privilege))).toBe("TOKEN_REVOKED");
    });

    it("a user token is none for those who verify by the published keys and ask for theirs", async () => {
      expect(decodeProtectedHeader(ann.token).typ).toBe("user+jwt");
      await expect(verify(ann.token)).rejects.toMatchObject({ code: "ERR_JWT_CLAIM_VALIDATION_FAILED" });
    });
  });
});
