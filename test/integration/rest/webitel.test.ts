import { withBadSignature } from "../../support/bad-signature.js";
import { bearer, PASSWORD, registerUser, send, uniqueName, type SignedIn } from "../../support/client.js";
import { claimsOf, moveTime } from "../../support/token-calls.js";
import { call, jwt, keyOf, xAccess } from "../../support/rest/call.js";
import {
  BUMP,
  LOGOUT,
  CTOREGISTRY_LOGOUT,
  CTOREGISTRY_PRIVILEGE,
  WEBITEL_LOGIN,
  WEBITEL_LOGOUT,
} from "../../support/rest/token-uses.js";
import { onEachGateway } from "../../support/with-gateway.js";
import { JWT, WEBITEL_ERROR, UUID } from "../../support/rest/shapes.js";

onEachGateway("the dialect webitel", (setup) => {
  let ann: SignedIn;

  beforeAll(async () => {
    ann = await registerUser(setup.graphql, { username: `100${uniqueName()}@MyDomain.com` });
  });

  const login = (body: unknown) => call(setup.url, WEBITEL_LOGIN, {}, body);
  const freshToken = async (): Promise<string> =>
    (await login({ username: ann.username, password: PASSWORD })).body.token;
  const logout = (headers: Record<string, string>) => call(setup.url, WEBITEL_LOGOUT, headers);
  const read = async (headers: Record<string, string>) =>
    (await call(setup.url, CTOREGISTRY_PRIVILEGE, headers)).status;

  it("login answers key, username as sent, expires, token and role", async () => {
    for (const username of [ann.username, ann.username.toLowerCase(), ` ${ann.username} `]) {
      const before = Date.now();
      const { status, body } = await login({ username, password: PASSWORD });
      expect(status).toBe(200);
      expect(body).toEqual({
        key: expect.stringMatching(UUID),
        username,
        expires: expect.any(Number),
        token: expect.stringMatching(JWT),
        role: 2,
      });
      expect(body.key).toBe(keyOf(body.token));
      expect(claimsOf(body.token).sub).toBe(ann.id);
      expect(body.expires).toBeGreaterThan(before);
      // Milliseconds: seconds would be long ago.
      expect(new Date(body.expires).getUTCFullYear()).toBeGreaterThanOrEqual(
        new Date(before).getUTCFullYear(),
      );
    }
  });

  it.each([
    ["no body", undefined],
    ["an empty object", {}],
    ["no username", { password: PASSWORD }],
    ["an empty username", { username: "", password: PASSWORD }],
    ["null", { username: null, password: PASSWORD }],
    ["a number", { username: 100, password: PASSWORD }],
  ])('a missing or empty username is 400 "User name is required": %s', async (_what, body) => {
    const answer = await login(body);
    expect([answer.status, answer.body]).toEqual([400, WEBITEL_ERROR("User name is required")]);
  });

  it.each([
    ["another", "wrong password"],
    ["an empty", ""],
    ["no", undefined],
  ])('a wrong password is 401 "Invalid credentials": %s one', async (_what, password) => {
    const answer = await login({ username: ann.username, password });
    expect([answer.status, answer.body]).toEqual([401, WEBITEL_ERROR("Invalid credentials")]);
  });

  it('an unknown user is 404 "User not found"', async () => {
    for (const password of [PASSWORD, "wrong password"]) {
      const answer = await login({ username: "nobody-of-that-name@mydomain.com", password });
      expect([answer.status, answer.body]).toEqual([404, WEBITEL_ERROR("User not found")]);
    }
  });

  it("logout with X-Access-Token and X-Key answers these exact strings", async () => {
    const { status, text } = await logout(xAccess(await freshToken()));
    expect([status, text]).toEqual([200, '{"status":"OK","info":"Successful logout."}']);
  });

  describe('is 401 "Bad caller":', () => {
    const refused = async (headers: Record<string, string>) => {
      const answer = await logout(headers);
      expect([answer.status, answer.body]).toEqual([401, WEBITEL_ERROR("Bad caller")]);
    };

    it("one header missing, or both", async () => {
      const token = await freshToken();
      await refused({ "x-access-token": token });
      await refused({ "x-key": keyOf(token) });
      await refused({ "x-access-token": token, "x-key": "" });
      await refused({ "x-access-token": "", "x-key": keyOf(token) });
      await refused({});
      expect(await read(xAccess(token))).toBe(200);
    });

    it("the key of another token is refused", async () => {
      const [one, two] = [await freshToken(), await freshToken()];
      const stranger = await registerUser(setup.graphql);
      for (const key of [
        keyOf(two),
        stranger.key,
        ann.key,
        "8fd26a17-eb28-4c74-aa6f-a3794f4f466c",
        "garbage",
      ])
        await refused(xAccess(one, key));
      expect(await read(xAccess(one))).toBe(200);
      expect(await read(xAccess(two))).toBe(200);
    });

    it("a bad signature", async () => {
      const token = await freshToken();
      await refused(xAccess(withBadSignature(token)));
      // The document's own: signed with HS256, by a secret that nobody here knows.
      const documented =
        "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJleHAiOjE0NDIwMDIxNzkzNTh9.pKXWfzXqbp8FMbOKocNaSlT1bYq4Xqzol-0kEXOY0_s";
      await refused(xAccess(documented, keyOf(token)));
      const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${token.split(".")[1]}.`;
      await refused(xAccess(unsigned, keyOf(token)));
      expect(await read(xAccess(token))).toBe(200);
    });

    it("an expired token", async () => {
      const token = await freshToken();
      await moveTime(setup.database, keyOf(token), "expirationTime", Date.now());
      await refused(xAccess(token));
    });

    it("a token that has logged out", async () => {
      const token = await freshToken();
      expect((await logout(xAccess(token))).status).toBe(200);
      await refused(xAccess(token));
    });
  });

  it.each([WEBITEL_LOGOUT, LOGOUT, CTOREGISTRY_LOGOUT, "PUT /api/v1/security/logout"])(
    "the pair authenticates every other route and GraphQL until the logout by %s",
    async (out) => {
      const pair = xAccess(await freshToken());
      const lines = [CTOREGISTRY_PRIVILEGE, "GET /api/v1/security/privilegeToken", BUMP];
      const me = () => send(setup.graphql, "{ me { username } }", {}, pair);
      for (const line of lines) expect((await call(setup.url, line, pair)).status).toBe(200);
      expect((await me()).data.me.username).toBe(ann.username);
      expect((await call(setup.url, out, pair)).status).toBe(200);
      for (const line of [...lines, WEBITEL_LOGOUT, LOGOUT, CTOREGISTRY_LOGOUT])
        expect((await call(setup.url, line, pair)).status).toBe(401);
      expect((await me()).reason).toBe("TOKEN_REVOKED");
    },
  );

  it("the token of the pair works in the other dialects' forms, and theirs in a pair", async () => {
    const token = await freshToken();
    for (const form of [bearer(token), jwt(token), xAccess(ann.token, ann.key)])
      expect(await read(form)).toBe(200);
  });
});
