import { withBadSignature } from "../../support/bad-signature.js";
import {
  base64,
  basic,
  bearer,
  PASSWORD,
  registerUser,
  send,
  uniqueName,
  type SignedIn,
} from "../../support/client.js";
import { call, xAuth } from "../../support/rest/call.js";
import { ALIVE, BUMP, DEAD, LOGIN, LOGOUT, statusByDialect } from "../../support/rest/token-uses.js";
import { onEachGateway } from "../../support/with-gateway.js";
import { BAD_TOKEN_CHALLENGE, INSTANT, JWT, USERTOKEN_ERROR } from "../../support/rest/shapes.js";

onEachGateway("the dialect usertoken-xauth", (setup) => {
  let ann: SignedIn;

  beforeAll(async () => {
    ann = await registerUser(setup.graphql);
  });

  const login = (body?: unknown) => call(setup.url, LOGIN, basic(ann.username, PASSWORD), body);
  const freshToken = async (): Promise<string> => (await login()).body.token;
  const bump = (headers: Record<string, string>) => call(setup.url, BUMP, headers);

  it("login is usertoken-bearer's: Basic alone answers the token, and Vary: Accept", async () => {
    const { status, headers, body } = await login();
    expect([status, headers.get("vary")]).toEqual([200, "Accept"]);
    expect(body).toEqual({
      creationTime: expect.stringMatching(INSTANT),
      enabled: true,
      token: expect.stringMatching(JWT),
      version: 0,
      expirationTime: expect.stringMatching(INSTANT),
    });
    expect((await bump(xAuth(ann.username, body.token))).status).toBe(200);
  });

  it("bump with X-Auth-Token: Base64(user:userToken) answers lastLoginTime, and Vary: Accept", async () => {
    await setup.database.query("UPDATE `user` SET lastLoginTime = ? WHERE id = ?", [1_000, ann.id]);
    const before = Date.now();
    const { status, headers, body } = await bump(xAuth(ann.username, ann.token));
    expect([status, headers.get("vary")]).toEqual([200, "Accept"]);
    expect(body).toEqual({ lastLoginTime: expect.stringMatching(INSTANT) });
    expect(Date.parse(body.lastLoginTime)).toBeGreaterThanOrEqual(before);
    const me = await send(setup.graphql, "{ me { lastLoginTime } }", {}, bearer(ann.token));
    expect(Date.parse(me.data.me.lastLoginTime)).toBe(Date.parse(body.lastLoginTime));
  });

  it("logout with X-Auth-Token answers success, and ends that token alone", async () => {
    const [one, two] = [await freshToken(), await freshToken()];
    const { status, headers, text } = await call(setup.url, LOGOUT, xAuth(ann.username, one));
    expect([status, headers.get("vary"), text]).toEqual([200, "Accept", '{"success":true}']);
    expect(await statusByDialect(setup.url, ann.username, one)).toEqual(DEAD);
    expect(await statusByDialect(setup.url, ann.username, two)).toEqual(ALIVE);
    expect((await call(setup.url, LOGOUT, xAuth(ann.username, one))).status).toBe(401);
  });

  it.each([BUMP, LOGOUT])("%s is 401 for what is no pair of its owner and a token", async (line) => {
    const ben = await registerUser(setup.graphql);
    const dead = await freshToken();
    await call(setup.url, LOGOUT, xAuth(ann.username, dead));
    const pair = base64(`${ann.username}:${ann.token}`);
    const values = {
      "another user": base64(`${ben.username}:${ann.token}`),
      "a user that does not exist": base64(`${uniqueName()}:${ann.token}`),
      "no user": base64(`:${ann.token}`),
      "malformed Base64": `${pair.slice(0, 8)}!${pair.slice(8)}`,
      "no colon": base64(ann.username),
      "a token without its user": base64(ann.token),
      "an unknown token": base64(`${ann.username}:b94cf5c7-cddc-4610-9d4c-6b8e04088ae8`),
      "a token with a bad signature": base64(`${ann.username}:${withBadSignature(ann.token)}`),
      "a token that has logged out": base64(`${ann.username}:${dead}`),
      "a password": base64(`${ann.username}:${PASSWORD}`),
    };
    for (const [what, value] of Object.entries(values)) {
      const answer = await call(setup.url, line, { "x-auth-token": value });
      expect([what, answer.status, answer.body]).toEqual([what, 401, USERTOKEN_ERROR]);
      expect(answer.headers.get("www-authenticate")).toBe(BAD_TOKEN_CHALLENGE);
    }
    expect((await bump({ "x-auth-token": pair })).status).toBe(200);
  });

  it("an empty X-Auth-Token is none", async () => {
    const answer = await bump({ "x-auth-token": "" });
    expect([answer.status, answer.body]).toEqual([401, USERTOKEN_ERROR]);
  });

  it("the raw token without encoding is accepted", async () => {
    const token = await freshToken();
    expect((await bump({ "x-auth-token": token })).status).toBe(200);
    const { status, body } = await call(setup.url, LOGOUT, { "x-auth-token": token });
    expect([status, body]).toEqual([200, { success: true }]);
    expect(await statusByDialect(setup.url, ann.username, token)).toEqual(DEAD);
  });

  it("the API serves many purposes: its token works at GraphQL too", async () => {
    const pair = xAuth(ann.username, await freshToken());
    const { data } = await send(setup.graphql, "{ me { username } userTokens { totalCount } }", {}, pair);
    expect(data.me.username).toBe(ann.username);
    expect(data.userTokens.totalCount).toBeGreaterThan(0);
  });
});
