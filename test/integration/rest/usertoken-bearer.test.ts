import { withBadSignature } from "../../support/bad-signature.js";
import {
  base64,
  basic,
  bearer,
  loginUser,
  PASSWORD,
  registerUser,
  send,
  uniqueName,
  type SignedIn,
} from "../../support/client.js";
import { claimsOf, listTokens, moveTime, updateToken } from "../../support/token-calls.js";
import { call, keyOf } from "../../support/rest/call.js";
import { ALIVE, BUMP, DEAD, LOGIN, LOGOUT, statusByDialect } from "../../support/rest/token-uses.js";
import { onEachGateway } from "../../support/with-gateway.js";
import { BASIC_CHALLENGE, INSTANT, JWT, USERTOKEN_ERROR } from "../../support/rest/shapes.js";

const HOUR_MS = 3_600_000;

onEachGateway("the dialect usertoken-bearer", (setup) => {
  let ann: SignedIn;

  beforeAll(async () => {
    ann = await registerUser(setup.graphql);
  });

  const login = (body?: unknown, headers = basic(ann.username, PASSWORD)) =>
    call(setup.url, LOGIN, headers, body);
  const freshToken = async (): Promise<string> => (await login()).body.token;
  const bump = (headers: Record<string, string>) => call(setup.url, BUMP, headers);

  it("login by Basic, without body and Content-Type, answers the token, and Vary: Accept", async () => {
    const before = Date.now();
    const { status, headers, body } = await login();
    expect([status, headers.get("vary")]).toEqual([200, "Accept"]);
    expect(body).toEqual({
      creationTime: expect.stringMatching(INSTANT),
      enabled: true,
      token: expect.stringMatching(JWT),
      version: 0,
      expirationTime: expect.stringMatching(INSTANT),
    });
    const created = Date.parse(body.creationTime);
    expect(created).toBeGreaterThanOrEqual(before);
    expect(created).toBeLessThanOrEqual(Date.now());
    expect(Date.parse(body.expirationTime)).toBe(created + 30 * 24 * HOUR_MS);
    expect(headers.get("set-cookie")).toBeNull();
    expect(claimsOf(body.token).sub).toBe(ann.id);
  });

  it("note and expirationTime are echoed, each alone and both together", async () => {
    const note = "Client API Access \u{1f511}";
    const instant = Math.floor(Date.now() / 1_000) * 1_000 + HOUR_MS;
    const expirationTime = new Date(instant).toISOString();
    for (const body of [{ note }, { expirationTime }, { note, expirationTime }]) {
      const answer = await login(body);
      expect([answer.status, answer.headers.get("vary")]).toEqual([200, "Accept"]);
      expect(answer.body.note).toBe(body.note);
      if (body.expirationTime) expect(Date.parse(answer.body.expirationTime)).toBe(instant);
    }
    expect((await login({ note: "n".repeat(255) })).body.note).toHaveLength(255);
  });

  it.each([
    ["an expirationTime that is no time", { expirationTime: "tomorrow" }],
    ["an expirationTime without an offset", { expirationTime: "2030-07-29T23:59:59" }],
    ["an expirationTime that does not exist", { expirationTime: "2030-02-30T23:59:59Z" }],
    ["an expirationTime in milliseconds", { expirationTime: 4_000_000_000_000 }],
    ["a past expirationTime", { expirationTime: "2019-07-29T23:59:59-05:00" }],
    ["an expirationTime that is now", { expirationTime: new Date(Date.now()).toISOString() }],
    ["an expirationTime of another age", { expirationTime: "9999-12-31T23:59:59Z" }],
    ["an over-long note", { note: "n".repeat(256) }],
    ["a note that is no text", { note: 5 }],
    ["a note with a control character", { note: "a\u0007b" }],
    ["a list", [{}]],
  ])("%s is 400", async (_what, body) => {
    const before = (await listTokens(setup.graphql, ann.token)).totalCount;
    const answer = await login(body);
    expect([answer.status, answer.body]).toEqual([400, USERTOKEN_ERROR]);
    expect((await listTokens(setup.graphql, ann.token)).totalCount).toBe(before);
  });

  it("absent or bad Basic is 401 with one body", async () => {
    const credentials = [
      undefined,
      "Basic",
      "Basic !",
      `Basic ${base64(`${ann.username}:${PASSWORD}`)}=`,
      `Basic ${base64(`${ann.username}:${PASSWORD}`)} x`,
      `Basic ${base64("no colon")}`,
      `Basic ${base64(`:${PASSWORD}`)}`,
      `Basic ${Buffer.from("\u00e4nn:p\u00e4ssword", "latin1").toString("base64")}`,
      basic("nobody-of-that-name", PASSWORD).authorization,
      basic(ann.username, "wrong password").authorization,
      basic(ann.username, "").authorization,
      `${ann.username}:${PASSWORD}`,
    ];
    const bodies = new Set<string>();
    for (const authorization of credentials) {
      const answer = await call(setup.url, LOGIN, authorization === undefined ? {} : { authorization });
      expect([authorization, answer.status]).toEqual([authorization, 401]);
      expect(answer.body).toEqual(USERTOKEN_ERROR);
      expect(answer.headers.get("www-authenticate")).toBe(BASIC_CHALLENGE);
      bodies.add(answer.text);
    }
    expect(bodies.size).toBe(1);
  });

  it("UTF-8 user names and passwords work", async () => {
    const username = uniqueName("Zo\u00eb-\u6f22\u5b57-\u{1f98a}");
    const password = "p\u00e4ssw\u00f6rt \u6f22\u5b57 \u{1f511}";
    const { id } = await registerUser(setup.graphql, { username, password });
    const { status, body } = await login(undefined, basic(username, password));
    expect([status, claimsOf(body.token).sub]).toEqual([200, id]);
    expect((await login(undefined, basic(username, "password"))).status).toBe(401);
  });

  it("every login creates a new token; older ones stay valid", async () => {
    const tokens = [await freshToken(), await freshToken(), await freshToken()];
    expect(new Set(tokens.map(keyOf)).size).toBe(3);
    for (const token of tokens) expect((await bump(bearer(token))).status).toBe(200);
  });

  it("bump with Bearer answers lastLoginTime, stored on the user", async () => {
    await setup.database.query("UPDATE `user` SET lastLoginTime = ? WHERE id = ?", [1_000, ann.id]);
    const before = Date.now();
    const { status, headers, body } = await bump(bearer(ann.token));
    expect([status, headers.get("vary")]).toEqual([200, "Accept"]);
    expect(body).toEqual({ lastLoginTime: expect.stringMatching(INSTANT) });
    const bumped = Date.parse(body.lastLoginTime);
    expect(bumped).toBeGreaterThanOrEqual(before);
    expect(bumped).toBeLessThanOrEqual(Date.now());
    const sql = "SELECT lastLoginTime AS time FROM `user` WHERE id = ?";
    expect(Number((await setup.database.query(sql, [ann.id]))[0]?.time)).toBe(bumped);
    const me = await send(setup.graphql, "{ me { lastLoginTime } }", {}, bearer(ann.token));
    expect(Date.parse(me.data.me.lastLoginTime)).toBe(bumped);
  });

  it("bump is 401 otherwise, and changes nothing", async () => {
    const dead = await freshToken();
    await call(setup.url, LOGOUT, bearer(dead));
    await setup.database.query("UPDATE `user` SET lastLoginTime = ? WHERE id = ?", [1_000, ann.id]);
    for (const headers of [
      {},
      bearer(""),
      bearer("garbage"),
      bearer(withBadSignature(ann.token)),
      bearer(dead),
      bearer(base64(`${uniqueName()}:${ann.token}`)),
      basic(ann.username, PASSWORD),
    ]) {
      const { status, body } = await bump(headers);
      expect([status, body]).toEqual([401, USERTOKEN_ERROR]);
    }
    const sql = "SELECT lastLoginTime AS time FROM `user` WHERE id = ?";
    expect(Number((await setup.database.query(sql, [ann.id]))[0]?.time)).toBe(1_000);
  });

  it("logout with Bearer: that token is dead, the user's others are not", async () => {
    const [one, two] = [await freshToken(), await freshToken()];
    const { status, headers, text } = await call(setup.url, LOGOUT, bearer(one));
    expect([status, headers.get("vary"), text]).toEqual([200, "Accept", '{"success":true}']);
    expect(await statusByDialect(setup.url, ann.username, one)).toEqual(DEAD);
    expect(await statusByDialect(setup.url, ann.username, two)).toEqual(ALIVE);
    expect(await statusByDialect(setup.url, ann.username, ann.token)).toEqual(ALIVE);
  });

  it("a disabled token is refused though unexpired; re-enabled, it works again", async () => {
    const token = await freshToken();
    const setEnabled = async (enabled: boolean) =>
      (await updateToken(setup.graphql, ann.token, keyOf(token), { enabled })).data.updateUserToken;
    const disabled = await setEnabled(false);
    expect(disabled.enabled).toBe(false);
    expect(Date.parse(disabled.expirationTime)).toBeGreaterThan(Date.now());
    const refused = await bump(bearer(token));
    expect([refused.status, refused.body]).toEqual([401, USERTOKEN_ERROR]);
    expect((await setEnabled(true)).enabled).toBe(true);
    expect((await bump(bearer(token))).status).toBe(200);
  });

  it("an expired token is refused though enabled", async () => {
    const token = await freshToken();
    await moveTime(setup.database, keyOf(token), "expirationTime", Date.now());
    const { nodes } = await listTokens(setup.graphql, ann.token, { first: 100, includeEnded: true });
    expect(nodes.find(({ key }) => key === keyOf(token))?.enabled).toBe(true);
    const refused = await bump(bearer(token));
    expect([refused.status, refused.body]).toEqual([401, USERTOKEN_ERROR]);
    await moveTime(setup.database, keyOf(token), "expirationTime", Date.now() + HOUR_MS);
    expect((await bump(bearer(token))).status).toBe(200);
  });

  it("a UserToken has token, note, enabled, expirationTime, creationTime, lastUsageTime and version", async () => {
    const bob = await registerUser(setup.graphql);
    const asked = { note: "Client API Access", expirationTime: new Date(Date.now() + HOUR_MS).toISOString() };
    const { body } = await login(asked, basic(bob.username, PASSWORD));
    expect(body.token).toMatch(JWT);
    await setup.database.query("UPDATE user_token SET lastUsageTime = ? WHERE `key` = ?", [
      1_500_000_000_000,
      keyOf(body.token),
    ]);
    // By another token: a use would move the time of its last use.
    const other = await loginUser(setup.graphql, { userid: bob.username, password: PASSWORD });
    const { nodes } = await listTokens(setup.graphql, other.token);
    expect(nodes.find(({ key }) => key === keyOf(body.token))).toMatchObject({
      note: asked.note,
      enabled: body.enabled,
      expirationTime: body.expirationTime,
      creationTime: body.creationTime,
      lastUsageTime: "2017-07-14T02:40:00.000Z",
      version: body.version,
    });
  });
});
