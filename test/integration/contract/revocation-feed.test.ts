import { makeClient } from "../../support/service-client.js";
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
import { feedOf, type Feed, type FeedEntry, type Follower } from "../../support/feed.js";
import { runCommand, startGateway, type RunningGateway } from "../../support/gateway.js";
import {
  claimsOf,
  logout,
  makeToken,
  makeTokens,
  moveTime,
  revokeToken,
  rotate,
  updateToken,
} from "../../support/token-calls.js";

const SECOND = 1_000;
const DAY = 86_400 * SECOND;
const REVOKE_ALL = "mutation ($keep: Boolean!) { revokeAllUserTokens(keepCurrent: $keep) }";

onEachDatabase("the revocation feed", (create) => {
  let database: TestDatabase;
  /** A grace of zero, reuse revokes, five live tokens. */
  let gateway: RunningGateway;
  /** Another node, with a grace of ten seconds. */
  let other: RunningGateway;
  let url: string;
  let feed: Feed;

  beforeAll(async () => {
    database = await create();
    const settings = { DATABASE_URL: database.url };
    gateway = await startGateway({
      ...settings,
      ROTATION_GRACE: "0s",
      ROTATION_REUSE: "revoke",
      USER_TOKEN_LIMIT: "5",
    });
    other = await startGateway(settings);
    url = gateway.graphql;
    feed = feedOf(gateway, await makeClient(settings));
  });

  afterAll(async () => {
    await Promise.all([gateway.stop(), other.stop()]);
    await database.drop();
  });

  /** What is written while something is done, as a poller reads it. */
  async function during(work: () => Promise<unknown>): Promise<FeedEntry[]> {
    const before = await feed.head();
    await work();
    return (await feed.all(before)).entries;
  }

  const cli = async (...args: string[]) => {
    expect(await runCommand(args, { DATABASE_URL: database.url })).toMatchObject({ code: 0 });
  };
  const expOf = (jwt: string) => claimsOf(jwt).exp as number;
  const ended = (sid: string, jwt: string) => ({ kind: "token", sid, exp: nearly(expOf(jwt)) });
  /** In whole seconds, rounded up or down. */
  const nearly = (exp: number): unknown => expect.closeTo(exp, -1);

  describe("says what ended", () => {
    let ann: SignedIn;

    beforeEach(async () => {
      ann = await registerUser(url);
    });

    it("a logout", async () => {
      expect(await during(() => logout(url, bearer(ann.token)))).toEqual([ended(ann.key, ann.token)]);
    });

    it("a token that its owner revokes, once", async () => {
      const { key, token } = await makeToken(url, ann.token);
      expect(await during(() => revokeToken(url, ann.token, key))).toEqual([ended(key, token)]);
      expect(await during(() => revokeToken(url, ann.token, key))).toEqual([]);
    });

    it.each([true, false])("all tokens, keepCurrent: %s", async (keep) => {
      const made = await makeTokens(url, ann.token, 3);
      const expected = [...made, ...(keep ? [] : [ann])].map(({ key, token }) => ended(key, token));
      const entries = await during(() => send(url, REVOKE_ALL, { keep }, bearer(ann.token)));
      expect(entries).toHaveLength(expected.length);
      expect(entries).toEqual(expect.arrayContaining(expected));
    });

    it("a login token that made room for the next", async () => {
      const input = { userid: ann.username, password: PASSWORD };
      for (let i = 0; i < 4; i++) await loginUser(url, input);
      expect(await during(() => loginUser(url, input))).toEqual([ended(ann.key, ann.token)]);
    });

    it("a token that made room, to the end of the JWT that lives longer than its row", async () => {
      const expirationTime = new Date(Date.now() + DAY).toISOString();
      await updateToken(url, ann.token, ann.key, { expirationTime });
      const input = { userid: ann.username, password: PASSWORD };
      for (let i = 0; i < 4; i++) await loginUser(url, input);
      expect(await during(() => loginUser(url, input))).toEqual([ended(ann.key, ann.token)]);
    });

    it("a token that is disabled, and enabled again; what is so already is not said again", async () => {
      const { key, token } = await makeToken(url, ann.token);
      const exp = nearly(expOf(token));
      const set = (enabled: boolean) => during(() => updateToken(url, ann.token, key, { enabled }));
      expect(await set(true)).toEqual([]);
      expect(await set(false)).toEqual([{ kind: "disabled", sid: key, exp }]);
      expect(await set(false)).toEqual([]);
      expect(await set(true)).toEqual([{ kind: "enabled", sid: key, exp }]);
    });

    it("an expiry that is brought forward, for as long as the JWT would have lived", async () => {
      const { key, token } = await makeToken(url, ann.token);
      const exp = nearly(expOf(token));
      const soon = Date.now() + DAY;
      const move = (at: number) =>
        during(() => updateToken(url, ann.token, key, { expirationTime: new Date(at).toISOString() }));
      expect(await move(soon)).toEqual([{ kind: "expiry", sid: key, at: soon, exp }]);
      expect(await move(soon)).toEqual([]);
      const both = { expirationTime: new Date(soon - DAY / 2).toISOString(), enabled: false };
      expect(await during(() => updateToken(url, ann.token, key, both))).toEqual([
        { kind: "expiry", sid: key, at: soon - DAY / 2, exp },
        { kind: "disabled", sid: key, exp },
      ]);
      expect(await during(() => updateToken(url, ann.token, key, { note: "another" }))).toEqual([]);
    });

    it("a rotation, from the end of its grace on", async () => {
      const { key, token } = await makeToken(url, ann.token);
      const exp = nearly(expOf(token));
      const began = Date.now();
      const [entry, ...rest] = await during(() => rotate(url, token));
      expect([entry, rest]).toEqual([{ kind: "version", sid: key, ver: 1, from: entry?.from, exp }, []]);
      expect(entry?.from).toBeGreaterThanOrEqual(began);
      expect(entry?.from).toBeLessThanOrEqual(Date.now());
    });

    it("a second rotation within the grace of the first, which that ends", async () => {
      const { key, token } = await makeToken(url, ann.token);
      const next = await rotate(other.graphql, token);
      const entries = await during(() => rotate(other.graphql, next.token));
      expect(entries.map(({ kind, sid, ver }) => [kind, sid, ver])).toEqual([
        ["version", key, 1],
        ["version", key, 2],
      ]);
      // At once, also by a clock that is half a minute behind; and from the end of the new grace on.
      expect(entries[1]!.from! - entries[0]!.from!).toBe(40 * SECOND);
      expect(entries[1]!.from).toBeLessThanOrEqual(Date.now() + 10 * SECOND);
    });

    it("a token whose superseded version was used again, as stolen", async () => {
      const { key, token } = await makeToken(url, ann.token);
      await rotate(url, token);
      expect(await during(() => tokenStatusOf(url, bearer(token)))).toEqual([ended(key, token)]);
    });

    it("an account that was disabled, with every token that it had; enabling it says nothing", async () => {
      const { key, token } = await makeToken(url, ann.token);
      const began = Date.now();
      const [first, ...rest] = await during(() => cli("users", "disable", ann.username));
      expect(first).toEqual({ kind: "user", sub: ann.id, before: first?.before, exp: nearly(expOf(token)) });
      expect(first?.before).toBeGreaterThanOrEqual(began);
      expect(rest).toHaveLength(2);
      expect(rest).toEqual(expect.arrayContaining([ended(key, token), ended(ann.key, ann.token)]));
      expect(await during(() => cli("users", "enable", ann.username))).toEqual([]);
    });

    it("a role that changed, for as long as a privilege token may live; the same role says nothing", async () => {
      const [entry, ...rest] = await during(() => cli("users", "role", ann.username, "admin"));
      expect([entry?.kind, entry?.sub, rest]).toEqual(["role", ann.id, []]);
      expect(entry!.exp! * SECOND - entry!.before!).toBe(300 * SECOND);
      expect(await during(() => cli("users", "role", ann.username, "admin"))).toEqual([]);
      // What is made from now on says that it was made later, whatever the second.
      const answer = await send(url, "{ privilegeToken { privilege } }", {}, bearer(ann.token));
      const { iat, role } = claimsOf(answer.data.privilegeToken.privilege);
      expect(role).toBe("admin");
      expect((iat as number) * SECOND).toBeGreaterThanOrEqual(entry!.before!);
    });

    it("a token that never expires, for ever", async () => {
      const { key } = await makeToken(url, ann.token);
      await moveTime(database, key, "expirationTime", null);
      expect(await during(() => revokeToken(url, ann.token, key))).toEqual([
        { kind: "token", sid: key, exp: null },
      ]);
    });

    it("nothing, when nothing ends", async () => {
      const nothing = await during(async () => {
        await loginUser(url, { userid: ann.username, password: PASSWORD });
        await makeToken(url, ann.token);
        await logout(url, bearer("no.token.atall"));
        await revokeToken(url, ann.token, "9b2c7e1e-0d3f-4d5b-8f4e-1f6a2b3c4d5e");
      });
      expect(nothing).toEqual([]);
    });
  });

  describe("followed as a stream", () => {
    const followers: Follower[] = [];
    const follow = async (from: Feed, options?: Parameters<Feed["follow"]>[0]) => {
      const follower = await from.follow(options);
      followers.push(follower);
      return follower;
    };

    afterEach(() => {
      for (const follower of followers.splice(0)) follower.leave();
    });

    /** Ends a token, and answers its key. */
    async function end(at = url): Promise<string> {
      const { token, key } = await registerUser(at);
      await logout(at, bearer(token));
      return key;
    }

    /** Each batch begins where the one before ended. */
    function expectUnbroken({ batches }: Follower): void {
      batches.slice(1).forEach(({ after }, i) => {
        expect(after).toBe(batches[i]!.to);
      });
    }

    it("tells what ends, on every node, as soon as it ends", async () => {
      const head = await feed.head();
      const here = await follow(feed, { after: head });
      const there = await follow(feedOf(other, await makeClient({ DATABASE_URL: database.url })), {
        after: head,
      });
      const keys = [await end(), await end(other.graphql), await end()];
      for (const follower of [here, there]) {
        await follower.until(() => follower.entries().length === keys.length);
        expect(follower.entries().map(({ sid }) => sid)).toEqual(keys);
        expectUnbroken(follower);
      }
    });

    it("while nothing ends, says so again and again, with the position and the time", async () => {
      const head = await feed.head();
      const follower = await follow(feed, { after: head });
      await follower.until(() => follower.batches.length === 5);
      for (const { after, to, more, entries, v, iss } of follower.batches) {
        expect({ after, to, more, entries, v, iss }).toEqual({
          after: head,
          to: head,
          more: false,
          entries: [],
          v: 1,
          iss: "http://localhost:4000",
        });
      }
      const [first, last] = [follower.batches[0]!.iat, follower.batches[4]!.iat];
      expect(last).toBeGreaterThan(first);
      expect(last * SECOND).toBeLessThanOrEqual(Date.now());
    });

    it("from the start, is what the pages are", async () => {
      for (let i = 0; i < 3; i++) await end();
      const { entries, to } = await feed.all();
      const follower = await follow(feed);
      await follower.until(() => follower.lastId() === to);
      expect(follower.entries()).toEqual(entries);
      expectUnbroken(follower);
    });

    it("resumes after the last event that was seen; Last-Event-ID goes before the query", async () => {
      const head = await feed.head();
      const keys = [await end(), await end(), await end()];
      const positions = [head, String(Number(head) + 1), String(Number(head) + 2)];
      for (const [i, lastEventId] of positions.entries()) {
        const follower = await follow(feed, { after: "0", lastEventId });
        await follower.until(() => follower.batches.length > 0);
        expect(follower.batches[0]!.entries.map(({ sid }) => sid)).toEqual(keys.slice(i));
      }
    });

    it("has the headers that proxies and browsers need", async () => {
      const { response } = await follow(feed);
      const { headers } = response;
      expect(
        Object.fromEntries(
          ["content-type", "cache-control", "x-accel-buffering"].map((name) => [name, headers.get(name)]),
        ),
      ).toEqual({
        "content-type": "text/event-stream",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
      });
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    });
  });

  describe("read in pages", () => {
    it("holds no more than the last few entries of a token, however often its owner changes it", async () => {
      const { token } = await registerUser(url);
      const { key } = await makeToken(url, token);
      const head = await feed.head();
      for (let round = 0; round < 6; round++) {
        for (const enabled of [false, true]) await updateToken(url, token, key, { enabled });
        const expirationTime = new Date(Date.now() + DAY + round * SECOND).toISOString();
        await updateToken(url, token, key, { expirationTime });
        await feed.head();
      }
      const { entries, to } = await feed.all(head);
      expect(Number(to) - Number(head)).toBe(18);
      expect(entries.length).toBeLessThanOrEqual(6);
      expect(entries.slice(-2).map(({ kind }) => kind)).toEqual(["enabled", "expiry"]);
    });

    it("is full at 1,000 entries, and says that there is more", async () => {
      const head = await feed.head();
      const ids = Array.from({ length: 1_500 }, (_, i) => `feed${String(i).padStart(4, "0")}`);
      for (let at = 0; at < ids.length; at += 100) {
        const some = ids.slice(at, at + 100);
        await database.query(
          `INSERT INTO revocation (id, kind, subject, creationTime, expirationTime) VALUES ${some.map(() => "(?, 'token', ?, 1, NULL)").join()}`,
          some.flatMap((id) => [id, id]),
        );
      }
      const { entries, to } = await feed.all(head);
      expect(entries.map(({ sid }) => sid)).toEqual(ids);
      expect(to).toBe(String(Number(head) + 1_500));
      const first = await feed.page(head);
      expect([first.more, first.entries.length, first.to]).toEqual([
        true,
        1_000,
        String(Number(head) + 1_000),
      ]);
      expect(await feed.page(to)).toMatchObject({ after: to, to, more: false, entries: [] });
    });

    it("goes on, for pages and streams, where the head was moved forward: so a restored database is made good", async () => {
      const head = await feed.head();
      const follower = await feed.follow({ after: head });
      await follower.until(() => follower.batches.length > 0);
      await database.query("UPDATE revocation_head SET position = position + 1000000000");
      const { token, key } = await registerUser(url);
      await logout(url, bearer(token));
      await follower.until(() => follower.entries().length > 0);
      expect(follower.entries().map(({ sid }) => sid)).toEqual([key]);
      const last = String(Number(head) + 1_000_000_001);
      expect(follower.lastId()).toBe(last);
      follower.leave();
      expect(await feed.page(head)).toMatchObject({ to: last, more: false, entries: [{ sid: key }] });
    });

    it("holds what was acknowledged before it was asked for, on either node", async () => {
      const elsewhere = feedOf(other, await makeClient({ DATABASE_URL: database.url }));
      for (let round = 0; round < 10; round++) {
        const head = await feed.head();
        const { token, key } = await registerUser(url);
        await logout(round % 2 ? url : other.graphql, bearer(token));
        const pages = await Promise.all([feed.page(head), elsewhere.page(head)]);
        expect(pages.map(({ entries }) => entries.map(({ sid }) => sid))).toEqual([[key], [key]]);
      }
    });
  });
});
