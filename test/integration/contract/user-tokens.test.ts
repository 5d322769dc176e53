import { setTimeout as sleep } from "node:timers/promises";
import { bearer, registerUser, send, tokenStatusOf, type SignedIn } from "../../support/client.js";
import {
  claimsOf,
  liveKeys,
  makeToken,
  makeTokens,
  moveTime,
  revokeToken,
  updateToken,
} from "../../support/token-calls.js";
import { onEachGateway } from "../../support/with-gateway.js";

const NOBODYS_KEY = "00000000-0000-4000-8000-000000000000";
const DAY = 86_400_000;

const inFuture = (ms: number) => new Date(Date.now() + ms).toISOString();

onEachGateway("user tokens", (setup) => {
  let url: string;
  let ann: SignedIn;
  let bob: SignedIn;

  beforeAll(async () => {
    url = setup.graphql;
    ann = await registerUser(url);
    bob = await registerUser(url);
  });

  describe("without the scope tokens:manage", () => {
    it.each([
      "{ userTokens { totalCount } }",
      'mutation { createUserToken(input: { note: "n" }) { token } }',
      `mutation { updateUserToken(key: "${NOBODYS_KEY}", input: {}) { key } }`,
      `mutation { revokeUserToken(key: "${NOBODYS_KEY}") { key } }`,
      "mutation { revokeAllUserTokens }",
    ])("FORBIDDEN: %s", async (operation) => {
      const { token } = await makeToken(url, ann.token, { scopes: ["account:read", "account:write"] });
      expect(await send(url, operation, {}, bearer(token))).toMatchObject({ status: 200, code: "FORBIDDEN" });
      expect((await send(url, operation)).reason).toBe("NO_CREDENTIAL");
    });

    it("a token without any scope still says who it is, rotates itself, bumps and logs out", async () => {
      const { token } = await makeToken(url, ann.token, { scopes: [] });
      const own = `mutation { rotateUserToken { userToken { scopes } } bumpLogin { lastLoginTime } logout { success } }`;
      const { data } = await send(url, own, {}, bearer(token));
      expect(data).toMatchObject({
        rotateUserToken: { userToken: { scopes: [] } },
        logout: { success: true },
      });
    });
  });

  describe("createUserToken", () => {
    it("makes a token that works at once, of version 0, marked neither current nor used", async () => {
      const { token, key, node } = await makeToken(url, ann.token, { note: "deploy 🚀" });
      const { scopes, creationTime, expirationTime, ...rest } = node;
      expect(rest).toEqual({
        key,
        note: "deploy 🚀",
        enabled: true,
        version: 0,
        current: false,
        lastUsageTime: null,
      });
      expect(scopes).toEqual(["account:read", "account:write", "tokens:manage"]);
      expect(Date.parse(expirationTime!) - Date.parse(creationTime)).toBe(30 * DAY);
      expect(claimsOf(token)).toMatchObject({ sub: ann.id, sid: key, ver: 0 });
      expect(await tokenStatusOf(url, bearer(token))).toBe("ok");
    });

    it.each([
      [{ note: "" }, "input.note:REQUIRED"],
      [{ note: " \t" }, "input.note:REQUIRED"],
      [{ note: "a\u0000b" }, "input.note:INVALID_FORMAT"],
      [{ note: "x".repeat(256) }, "input.note:TOO_LONG"],
      [{ scopes: ["account:read", "keys:manage"] }, "input.scopes:NOT_ALLOWED"],
      [{ scopes: ["account:read account:write"] }, "input.scopes:NOT_ALLOWED"],
      [{ scopes: [""] }, "input.scopes:NOT_ALLOWED"],
      [{ expirationTime: "2001-01-01T00:00:00Z" }, "input.expirationTime:NOT_IN_FUTURE"],
      [{ expirationTime: "9999-12-31T23:59:59Z" }, "input.expirationTime:OUT_OF_RANGE"],
    ])("refuses %j with %s", async (input, fault) => {
      const answer = await send(
        url,
        "mutation ($input: CreateUserTokenInput!) { createUserToken(input: $input) { token } }",
        { input: { note: "n", ...input } },
        bearer(ann.token),
      );
      expect([answer.status, answer.code, answer.fields]).toEqual([200, "BAD_USER_INPUT", [fault]]);
    });

    it("a missing note is refused before execution", async () => {
      const operation =
        "mutation ($input: CreateUserTokenInput!) { createUserToken(input: $input) { token } }";
      const answer = await send(url, operation, { input: {} }, bearer(ann.token));
      expect([answer.status, answer.code]).toEqual([400, "BAD_USER_INPUT"]);
    });

    it("scopes are some of the caller's token's, not of its role's", async () => {
      const narrow = await makeToken(url, ann.token, { scopes: ["tokens:manage", "account:read"] });
      const made = await makeToken(url, narrow.token);
      expect(made.node.scopes).toEqual(["tokens:manage", "account:read"]);
      const narrower = await makeToken(url, made.token, { scopes: ["account:read", "account:read"] });
      expect(narrower.node.scopes).toEqual(["account:read"]);
      const wider = await send(
        url,
        'mutation { createUserToken(input: { note: "n", scopes: ["account:write"] }) { token } }',
        {},
        bearer(made.token),
      );
      expect(wider.fields).toEqual(["input.scopes:NOT_ALLOWED"]);
    });

    it("the expiry asked for is the row's, and the JWT's in whole seconds below it", async () => {
      const expirationTime = "2029-02-03T04:05:06.789+01:30";
      const { token, node } = await makeToken(url, ann.token, { expirationTime });
      expect(Date.parse(node.expirationTime!)).toBe(Date.parse(expirationTime));
      expect(claimsOf(token).exp).toBe(Math.floor(Date.parse(expirationTime) / 1_000));
    });
  });

  it("a token has an id for caches, the same as its key wherever it is answered, and as it is rotated", async () => {
    const pair = "{ id key }";
    const { token, key } = await makeToken(url, ann.token);
    const ask = async (query: string, using = token) => (await send(url, query, {}, bearer(using))).data;
    const listed = await ask(`{ userTokens { nodes ${pair} edges { node ${pair} } } }`);
    expect(listed.userTokens.nodes).toContainEqual({ id: key, key });
    expect(listed.userTokens.edges).toContainEqual({ node: { id: key, key } });
    const rotated = await ask(`mutation { rotateUserToken { token userToken ${pair} } }`);
    expect(rotated.rotateUserToken.userToken).toEqual({ id: key, key });
    const revoke = `mutation { revokeUserToken(key: "${key}") ${pair} }`;
    expect((await ask(revoke, rotated.rotateUserToken.token)).revokeUserToken).toEqual({ id: key, key });
  });

  describe("updateUserToken", () => {
    it("disabling refuses at once with TOKEN_DISABLED, enabling lets it work again", async () => {
      const { token, key } = await makeToken(url, ann.token);
      expect((await updateToken(url, ann.token, key, { enabled: false })).data.updateUserToken.enabled).toBe(
        false,
      );
      expect(await tokenStatusOf(url, bearer(token))).toBe("TOKEN_DISABLED");
      expect(await liveKeys(url, ann.token)).toContain(key);
      expect((await updateToken(url, ann.token, key, { enabled: true })).data.updateUserToken.enabled).toBe(
        true,
      );
      expect(await tokenStatusOf(url, bearer(token))).toBe("ok");
    });

    it("a shorter expiry works at once, through the row", async () => {
      const { token, key } = await makeToken(url, ann.token);
      const expirationTime = inFuture(1_500);
      const { data } = await updateToken(url, ann.token, key, { expirationTime });
      expect(data.updateUserToken.expirationTime).toBe(expirationTime);
      await sleep(Date.parse(expirationTime) - Date.now() + 1);
      expect(await tokenStatusOf(url, bearer(token))).toBe("TOKEN_EXPIRED");
      expect(Number(claimsOf(token).exp) * 1_000).toBeGreaterThan(Date.now() + DAY);
      expect(await liveKeys(url, ann.token)).not.toContain(key);
    });

    it("changes what is named and leaves the rest", async () => {
      const { key, node } = await makeToken(url, ann.token, { note: "one", scopes: ["account:read"] });
      const update = async (input: object) =>
        (await updateToken(url, ann.token, key, { ...input })).data.updateUserToken;
      expect(await update({})).toEqual(node);
      expect(await update({ note: "two" })).toEqual({ ...node, note: "two" });
      expect(await update({ note: null })).toEqual({ ...node, note: null });
      expect(await update({ note: "  ", enabled: true })).toEqual({ ...node, note: null });
    });

    it.each([
      [{ enabled: null }, "input.enabled:REQUIRED"],
      [{ expirationTime: null }, "input.expirationTime:REQUIRED"],
      [{ expirationTime: "2001-01-01T00:00:00Z" }, "input.expirationTime:NOT_IN_FUTURE"],
      [{ note: "x".repeat(256) }, "input.note:TOO_LONG"],
    ])("refuses %j with %s and changes nothing", async (input, fault) => {
      const { key, node } = await makeToken(url, ann.token);
      const answer = await updateToken(url, ann.token, key, { note: "changed", ...input });
      expect([answer.code, answer.fields]).toEqual(["BAD_USER_INPUT", [fault]]);
      expect((await updateToken(url, ann.token, key, {})).data.updateUserToken).toEqual(node);
    });

    it("another user's, an ended and an unknown token are NOT_FOUND alike, and stay as they are", async () => {
      const [revoked, expired] = await makeTokens(url, ann.token, 2);
      await revokeToken(url, ann.token, revoked!.key);
      await moveTime(setup.database, expired!.key, "expirationTime", Date.now());
      const keys = [
        bob.key,
        revoked!.key,
        expired!.key,
        NOBODYS_KEY,
        ann.key.toUpperCase(),
        "",
        "' OR 1=1 --",
        "0",
      ];
      const input = { enabled: true, expirationTime: inFuture(DAY) };
      const answers = await Promise.all(keys.map((key) => updateToken(url, ann.token, key, input)));
      expect(answers.map(({ code }) => code)).toEqual(keys.map(() => "NOT_FOUND"));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      expect(await tokenStatusOf(url, bearer(revoked!.token))).toBe("TOKEN_REVOKED");
      expect(await tokenStatusOf(url, bearer(expired!.token))).toBe("TOKEN_EXPIRED");
      expect(await tokenStatusOf(url, bearer(bob.token))).toBe("ok");
    });

    it("a token can disable itself; another one of the user's brings it back", async () => {
      const { token, key } = await makeToken(url, ann.token);
      expect((await updateToken(url, token, key, { enabled: false })).data.updateUserToken.current).toBe(
        true,
      );
      expect((await updateToken(url, token, key, { enabled: true })).reason).toBe("TOKEN_DISABLED");
      await updateToken(url, ann.token, key, { enabled: true });
      expect(await tokenStatusOf(url, bearer(token))).toBe("ok");
    });
  });

  describe("revokeUserToken", () => {
    it("ends the token at once, and again without a change", async () => {
      const { token, key } = await makeToken(url, ann.token);
      const first = await revokeToken(url, ann.token, key);
      expect(first.data.revokeUserToken).toMatchObject({ key, current: false });
      expect(await tokenStatusOf(url, bearer(token))).toBe("TOKEN_REVOKED");
      const row = () =>
        setup.database.query("SELECT revocationTime AS time FROM user_token WHERE `key` = ?", [key]);
      const ended = await row();
      expect((await revokeToken(url, ann.token, key)).data).toEqual(first.data);
      expect(await row()).toEqual(ended);
    });

    it("another user's and an unknown token are NOT_FOUND alike, and stay as they are", async () => {
      const keys = [bob.key, NOBODYS_KEY, "garbage", bob.key.toUpperCase(), `${ann.key} `];
      const answers = await Promise.all(keys.map((key) => revokeToken(url, ann.token, key)));
      expect(answers.map(({ code }) => code)).toEqual(keys.map(() => "NOT_FOUND"));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      expect(await tokenStatusOf(url, bearer(bob.token))).toBe("ok");
      expect(await tokenStatusOf(url, bearer(ann.token))).toBe("ok");
    });

    it("a token can end itself", async () => {
      const { token, key } = await makeToken(url, ann.token);
      expect((await revokeToken(url, token, key)).data.revokeUserToken.current).toBe(true);
      expect((await revokeToken(url, token, key)).reason).toBe("TOKEN_REVOKED");
    });

    it("an expired token can still be revoked, and says so from then on", async () => {
      const { token, key } = await makeToken(url, ann.token);
      await moveTime(setup.database, key, "expirationTime", Date.now());
      expect((await revokeToken(url, ann.token, key)).data.revokeUserToken.key).toBe(key);
      expect(await tokenStatusOf(url, bearer(token))).toBe("TOKEN_REVOKED");
    });
  });

  describe("revokeAllUserTokens", () => {
    const revokeAll = async (token: string, argument: string): Promise<unknown> =>
      (await send(url, `mutation { revokeAllUserTokens${argument} }`, {}, bearer(token))).data
        .revokeAllUserTokens;

    it("ends all live tokens but the one in use unless told otherwise, and counts them", async () => {
      const carol = await registerUser(url);
      const [one, disabled, expired, revoked] = await makeTokens(url, carol.token, 4);
      await updateToken(url, carol.token, disabled!.key, { enabled: false });
      await moveTime(setup.database, expired!.key, "expirationTime", Date.now());
      await revokeToken(url, carol.token, revoked!.key);
      expect(await revokeAll(carol.token, "")).toBe(2);
      expect(await tokenStatusOf(url, bearer(carol.token))).toBe("ok");
      expect(await tokenStatusOf(url, bearer(one!.token))).toBe("TOKEN_REVOKED");
      expect(await tokenStatusOf(url, bearer(disabled!.token))).toBe("TOKEN_REVOKED");
      expect(await liveKeys(url, carol.token)).toEqual([carol.key]);
      expect(await revokeAll(carol.token, "(keepCurrent: true)")).toBe(0);
      expect(await revokeAll(carol.token, "(keepCurrent: null)")).toBe(0);
      const two = await makeToken(url, carol.token);
      expect(await revokeAll(two.token, "(keepCurrent: false)")).toBe(2);
      for (const { token } of [carol, two])
        expect(await tokenStatusOf(url, bearer(token))).toBe("TOKEN_REVOKED");
      expect(await tokenStatusOf(url, bearer(ann.token))).toBe("ok");
      expect(await tokenStatusOf(url, bearer(bob.token))).toBe("ok");
    });
  });

  it("creations in flight do not outlive the revocation of all tokens", async () => {
    const dan = await registerUser(url);
    const create = 'createUserToken(input: { note: "n" }) { token }';
    const after = `mutation { revokeAllUserTokens(keepCurrent: false) ${create} }`;
    const { token } = await makeToken(url, dan.token);
    expect((await send(url, after, {}, bearer(token))).reason).toBe("TOKEN_REVOKED");
    const erin = await registerUser(url);
    const creations = Array.from({ length: 10 }, () =>
      send(url, `mutation { ${create} }`, {}, bearer(erin.token)),
    );
    const revocation = send(
      url,
      "mutation { revokeAllUserTokens(keepCurrent: false) }",
      {},
      bearer(erin.token),
    );
    await Promise.all([...creations, revocation]);
    const live = "SELECT COUNT(*) AS n FROM user_token WHERE revocationTime IS NULL AND userId IN (?, ?)";
    expect(Number((await setup.database.query(live, [dan.id, erin.id]))[0]?.n)).toBe(0);
  });

  it("the last use is written behind, at the latest when the gateway stops", async () => {
    const [used, refused, unused] = await makeTokens(url, ann.token, 3);
    const before = Date.now();
    await updateToken(url, ann.token, refused!.key, { enabled: false });
    expect(await tokenStatusOf(url, bearer(used!.token))).toBe("ok");
    expect(await tokenStatusOf(url, bearer(refused!.token))).toBe("TOKEN_DISABLED");
    await setup.gateway.stop();
    const lastUse = async (key: string) => {
      const [row] = await setup.database.query(
        "SELECT lastUsageTime AS time FROM user_token WHERE `key` = ?",
        [key],
      );
      return row?.time == null ? null : Number(row.time);
    };
    expect(await lastUse(used!.key)).toBeGreaterThanOrEqual(before);
    expect(await lastUse(used!.key)).toBeLessThanOrEqual(Date.now());
    expect(await lastUse(refused!.key)).toBeNull();
    expect(await lastUse(unused!.key)).toBeNull();
  });
});
