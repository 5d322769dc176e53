import { setTimeout as sleep } from "node:timers/promises";
import {
  bearer,
  loginUser,
  PASSWORD,
  registerUser,
  send,
  tokenStatusOf,
  type SignedIn,
} from "../../support/client.js";
import { onEachDatabase, type TestDatabase } from "../../support/databases.js";
import { startGateway, type RunningGateway } from "../../support/gateway.js";
import { COOKIE, sendWithHeaders } from "../../support/credential-forms.js";
import {
  askRotation,
  claimsOf,
  logout,
  makeToken,
  moveTime,
  revokeToken,
  rotate,
  updateToken,
} from "../../support/token-calls.js";

const DAY = 86_400_000;

onEachDatabase("rotation", (create) => {
  let database: TestDatabase;
  /** With the defaults: a grace of ten seconds, reuse is refused. */
  let lenient: RunningGateway;
  /** A grace of one second, reuse revokes. */
  let strict: RunningGateway;
  let url: string;
  let ann: SignedIn;

  beforeAll(async () => {
    database = await create();
    lenient = await startGateway({ DATABASE_URL: database.url });
    strict = await startGateway({
      DATABASE_URL: database.url,
      ROTATION_GRACE: "1s",
      ROTATION_REUSE: "revoke",
    });
    url = lenient.graphql;
    ann = await registerUser(url);
  });

  afterAll(async () => {
    await Promise.all([lenient.stop(), strict.stop()]);
    await database.drop();
  });

  const endGrace = (key: string) => moveTime(database, key, "previousVersionUntil", Date.now());

  it("issues the next version of the same token", async () => {
    const { token, key, node } = await makeToken(url, ann.token);
    const next = await rotate(url, token);
    expect(next.node).toEqual({ ...node, version: 1, current: true, lastUsageTime: next.node.lastUsageTime });
    expect(claimsOf(next.token)).toMatchObject({ sub: ann.id, sid: key, ver: 1, exp: claimsOf(token).exp });
    expect(await tokenStatusOf(url, bearer(next.token))).toBe("ok");
    expect((await rotate(url, next.token)).node.version).toBe(2);
  });

  it("within the grace the version before is accepted, and rotates to the present version, not a further one", async () => {
    const old = await makeToken(url, ann.token);
    const next = await rotate(url, old.token);
    expect(await tokenStatusOf(url, bearer(old.token))).toBe("ok");
    const again = await rotate(url, old.token);
    expect([again.node.version, claimsOf(again.token).ver]).toEqual([1, 1]);
    for (const { token } of [next, again]) expect(await tokenStatusOf(url, bearer(token))).toBe("ok");
  });

  it("after the grace the version before is TOKEN_REVOKED, for a rotation too, and the present one lives", async () => {
    const old = await makeToken(url, ann.token);
    const next = await rotate(url, old.token);
    await endGrace(old.key);
    expect(await tokenStatusOf(url, bearer(old.token))).toBe("TOKEN_REVOKED");
    expect((await askRotation(url, old.token)).reason).toBe("TOKEN_REVOKED");
    expect((await logout(url, bearer(old.token))).reason).toBe("TOKEN_REVOKED");
    expect(await tokenStatusOf(url, bearer(next.token))).toBe("ok");
  });

  it("the grace is for one version: the one before the last is refused at once", async () => {
    const oldest = await makeToken(url, ann.token);
    const middle = await rotate(url, oldest.token);
    const newest = await rotate(url, middle.token);
    expect(await tokenStatusOf(url, bearer(oldest.token))).toBe("TOKEN_REVOKED");
    expect(await tokenStatusOf(url, bearer(middle.token))).toBe("ok");
    expect(await tokenStatusOf(url, bearer(newest.token))).toBe("ok");
  });

  it("the grace is as long as it is set", async () => {
    const old = await makeToken(strict.graphql, ann.token);
    const rotated = Date.now();
    await rotate(strict.graphql, old.token);
    const [row] = await database.query(
      "SELECT previousVersionUntil AS time FROM user_token WHERE `key` = ?",
      [old.key],
    );
    expect(Number(row?.time) - rotated).toBeGreaterThanOrEqual(1_000);
    expect(Number(row?.time)).toBeLessThanOrEqual(Date.now() + 1_000);
    await sleep(Number(row?.time) - Date.now() + 1);
    expect(await tokenStatusOf(strict.graphql, bearer(old.token))).toBe("TOKEN_REVOKED");
  });

  it("with ROTATION_REUSE=revoke the use of a superseded version ends the token on every node", async () => {
    const old = await makeToken(strict.graphql, ann.token);
    const next = await rotate(strict.graphql, old.token);
    expect(await tokenStatusOf(strict.graphql, bearer(next.token))).toBe("ok");
    await endGrace(old.key);
    expect(await tokenStatusOf(strict.graphql, bearer(old.token))).toBe("TOKEN_REVOKED");
    expect(await tokenStatusOf(strict.graphql, bearer(next.token))).toBe("TOKEN_REVOKED");
    expect(await tokenStatusOf(url, bearer(next.token))).toBe("TOKEN_REVOKED");
  });

  it("with ROTATION_REUSE=revoke a use within the grace ends nothing", async () => {
    const old = await makeToken(url, ann.token);
    const next = await rotate(url, old.token);
    expect(await tokenStatusOf(strict.graphql, bearer(old.token))).toBe("ok");
    expect(await tokenStatusOf(strict.graphql, bearer(next.token))).toBe("ok");
  });

  it.each(["before", "after"])("a logout with the version %s the rotation ends both", async (which) => {
    const old = await makeToken(url, ann.token);
    const next = await rotate(url, old.token);
    const { token } = which === "before" ? old : next;
    expect((await logout(url, bearer(token))).data.logout.userToken.key).toBe(old.key);
    for (const ended of [old, next])
      expect(await tokenStatusOf(url, bearer(ended.token))).toBe("TOKEN_REVOKED");
  });

  it("ten rotations at once, on two nodes, make one version", async () => {
    const old = await makeToken(url, ann.token);
    const calls = Array.from({ length: 10 }, (_, i) => rotate((i % 2 ? lenient : strict).graphql, old.token));
    const rotated = await Promise.all(calls);
    expect(rotated.map(({ node, token }) => [node.version, claimsOf(token).ver])).toEqual(
      rotated.map(() => [1, 1]),
    );
    for (const { token } of rotated) expect(await tokenStatusOf(url, bearer(token))).toBe("ok");
  });

  it("two rotations in one operation make one version", async () => {
    const { token } = await makeToken(url, ann.token);
    const version = "rotateUserToken { userToken { version } }";
    const { data } = await send(url, `mutation { one: ${version} two: ${version} }`, {}, bearer(token));
    expect(data).toEqual({ one: { userToken: { version: 1 } }, two: { userToken: { version: 1 } } });
  });

  it("a rotation that races a logout never brings the token back", async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => makeToken(url, ann.token)));
    await Promise.all(
      made.map(async ({ token }) => {
        const [rotated, ended] = await Promise.all([
          askRotation(url, token),
          logout(strict.graphql, bearer(token)),
        ]);
        expect(ended.data.logout.success).toBe(true);
        const left = [token, rotated.data?.rotateUserToken.token].filter((jwt) => jwt !== undefined);
        for (const jwt of left) expect(await tokenStatusOf(url, bearer(jwt as string))).toBe("TOKEN_REVOKED");
      }),
    );
  });

  it("a later expiry takes effect in the JWT at the next rotation only", async () => {
    const near = new Date(Date.now() + DAY).toISOString();
    const far = new Date(Date.now() + 2 * DAY).toISOString();
    const { token, key } = await makeToken(url, ann.token, { expirationTime: near });
    expect(
      (await updateToken(url, ann.token, key, { expirationTime: far })).data.updateUserToken.expirationTime,
    ).toBe(far);
    const exp = (jwt: string) => claimsOf(jwt).exp;
    expect(exp(token)).toBe(Math.floor(Date.parse(near) / 1_000));
    expect(exp((await rotate(url, token)).token)).toBe(Math.floor(Date.parse(far) / 1_000));
  });

  it("a token that ended, or is disabled, does not rotate", async () => {
    const [revoked, expired, disabled] = [
      await makeToken(url, ann.token),
      await makeToken(url, ann.token),
      await makeToken(url, ann.token),
    ];
    await revokeToken(url, ann.token, revoked.key);
    await moveTime(database, expired.key, "expirationTime", Date.now());
    await updateToken(url, ann.token, disabled.key, { enabled: false });
    const answers = await Promise.all(
      [revoked, expired, disabled].map(({ token }) => askRotation(url, token)),
    );
    expect(answers.map(({ reason }) => reason)).toEqual(["TOKEN_REVOKED", "TOKEN_EXPIRED", "TOKEN_DISABLED"]);
    expect((await send(url, "mutation { rotateUserToken { token } }")).reason).toBe("NO_CREDENTIAL");
  });

  it("a rotation needs no scope and keeps the token's own", async () => {
    const login = await loginUser(url, {
      userid: ann.username,
      password: PASSWORD,
      scopes: [],
      note: "kiosk",
    });
    expect((await rotate(url, login.token)).node).toMatchObject({
      key: login.key,
      scopes: [],
      note: "kiosk",
      version: 1,
    });
  });

  it("a rotation by cookie renews the cookie, one by header leaves it alone", async () => {
    const { token } = await makeToken(url, ann.token);
    const rotation = "mutation { rotateUserToken { token userToken { expirationTime } } }";
    const byCookie = await sendWithHeaders(url, rotation, [["Cookie", `${COOKIE}=${token}`]]);
    const { token: next, userToken } = byCookie.data.rotateUserToken;
    const expires = new Date(userToken.expirationTime as string).toUTCString();
    const [cookie] = byCookie.headers["set-cookie"] ?? [];
    expect(cookie).toContain(`${COOKIE}=${next};`);
    expect(cookie).toContain(`Expires=${expires}`);
    expect(cookie).toMatch(/HttpOnly/i);
    const byHeader = await sendWithHeaders(url, rotation, [["Authorization", `Bearer ${next}`]]);
    expect(byHeader.headers["set-cookie"]).toBeUndefined();
  });
});
