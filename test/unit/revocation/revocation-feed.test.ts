import { jest } from "@jest/globals";
import { setImmediate as nextTurn } from "node:timers/promises";
import { pino } from "pino";
import type { Batch } from "../../../src/revocation/read-batch.js";
import { createRevocationFeed, type RevocationFeed } from "../../../src/revocation/revocation-feed.js";
import { createMemoryFeedStore, type MemoryFeedStore } from "../../support/revocation/memory-feed-store.js";

const unavailable = expect.objectContaining({ code: "SERVICE_UNAVAILABLE" });

describe("the feed of a node", () => {
  let store: MemoryFeedStore;
  let feed: RevocationFeed;
  let signed: number;
  let logged: string[];
  const readers: AbortController[] = [];

  beforeEach(() => {
    // Time stands still unless a test moves it.
    jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask"] });
    store = createMemoryFeedStore();
    signed = 0;
    logged = [];
    const log = pino({ level: "info" }, { write: (line: string) => void logged.push(JSON.parse(line).msg) });
    const sign = ({ entries }: { entries: readonly object[] }) => {
      signed += 1;
      return (entries as { sid: string }[]).map(({ sid }) => sid).join();
    };
    feed = createRevocationFeed({ store, sign, log, maxFollowers: 4, maxClientFollowers: 3 });
  });

  afterEach(async () => {
    for (const reader of readers.splice(0)) reader.abort();
    await jest.advanceTimersByTimeAsync(1_000);
    await feed.close();
    jest.useRealTimers();
  });

  /** Lets everything happen that needs no time. */
  const settle = async () => {
    for (let i = 0; i < 20; i++) await nextTurn();
  };

  /** A follower that takes a batch at once, or only when it is told to. */
  function follow(after = 0, { slow = false, client = "a client" } = {}) {
    const reader = new AbortController();
    readers.push(reader);
    const batches: Batch[] = [];
    let takeOne: () => void = () => undefined;
    const ended = feed.follow({ client, after }, reader.signal, async (batch) => {
      batches.push(batch);
      if (slow) await new Promise<void>((resolve) => (takeOne = resolve));
    });
    ended.catch(() => undefined);
    return {
      batches,
      ended,
      take: () => {
        takeOne();
        return settle();
      },
      leave: () => {
        reader.abort();
      },
      seen: () => batches.flatMap(({ jws }) => jws.split(",")).filter(Boolean),
    };
  }

  function expectUnbroken(batches: readonly Batch[]): void {
    batches.slice(1).forEach(({ after }, i) => {
      expect(after).toBe(batches[i]!.to);
    });
  }

  describe("read by pollers", () => {
    it("a reading shares another one only if that starts after it was asked for", async () => {
      const first = feed.read(0, "a");
      await nextTurn();
      store.commit("a");
      const later = await Promise.all(Array.from({ length: 100 }, () => feed.read(0, "a")));
      expect((await first).jws).toBe("");
      expect(new Set(later)).toEqual(new Set([later[0]]));
      expect(later[0]).toMatchObject({ jws: "a", to: 1, more: false });
    });

    it("readings take turns: one query at a time, however many ask", async () => {
      let underWay = 0;
      let most = 0;
      const { read } = store;
      store.read = async (after) => {
        underWay += 1;
        most = Math.max(most, underWay);
        await nextTurn();
        underWay -= 1;
        return read(after);
      };
      await Promise.all(
        Array.from({ length: 50 }, (_, after) => feed.read(after, `client-${after}`).catch(() => null)),
      );
      expect(most).toBe(1);
    });

    it("more than 64 places at once are not read", async () => {
      const readings = Array.from({ length: 70 }, (_, after) => feed.read(after, `client-${after}`));
      const results = await Promise.allSettled(readings);
      const refused = results.slice(64).map((result) => (result as PromiseRejectedResult).reason);
      expect(refused).toEqual(refused.map(() => unavailable));
      expect(results[0]).toMatchObject({ status: "fulfilled" });
    });

    it("more than 16 of them for one client are refused to it, and another client is read as before", async () => {
      const readings = Array.from({ length: 20 }, (_, after) => feed.read(after, "greedy"));
      const other = feed.read(0, "b");
      const results = await Promise.allSettled(readings);
      const refused = results.slice(16).map((result) => (result as PromiseRejectedResult).reason);
      expect(refused).toEqual(refused.map(() => expect.objectContaining({ code: "TOO_MANY_REQUESTS" })));
      await expect(other).resolves.toMatchObject({ after: 0 });
      await expect(feed.read(0, "greedy")).resolves.toMatchObject({ after: 0 });
    });

    it("a position beyond the head is a CONFLICT", async () => {
      store.commit("a");
      await expect(feed.read(2, "a")).rejects.toMatchObject({ code: "CONFLICT", status: 409 });
      await expect(feed.read(1, "a")).resolves.toMatchObject({ after: 1, to: 1 });
    });

    it("what cannot be read is thrown, and the next reading is another one", async () => {
      store.failure = new Error("on purpose");
      await expect(feed.read(0, "a")).rejects.toThrow("on purpose");
      store.failure = null;
      await expect(feed.read(0, "a")).resolves.toMatchObject({ to: 0 });
    });

    it("what is committed while it reads does not make it look late", async () => {
      const { read } = store;
      let count = 0;
      store.read = (after) => {
        store.commit(`s${count++}`);
        return read(after);
      };
      expect(await feed.read(0, "a")).toMatchObject({ jws: "s0", to: 1, more: false });
    });

    it("entries that another node is just giving positions to are promised", async () => {
      store.stuck = true;
      store.commit("a");
      expect(await feed.read(0, "a")).toMatchObject({ to: 0, more: true });
    });
  });

  describe("followed", () => {
    it("while nobody follows, reads nothing", async () => {
      feed.announce();
      await jest.advanceTimersByTimeAsync(5_000);
      const follower = follow();
      await settle();
      follower.leave();
      await follower.ended;
      await jest.advanceTimersByTimeAsync(100);
      const { reads } = store;
      await jest.advanceTimersByTimeAsync(5_000);
      expect(store.reads).toBe(reads);
    });

    it("what this node has written is told without waiting for the next look", async () => {
      const follower = follow();
      await settle();
      store.commit("a");
      feed.announce();
      await settle();
      expect(follower.seen()).toEqual(["a"]);
    });

    it("what another node has written is told with the next look, within 50 ms", async () => {
      const follower = follow();
      await settle();
      store.commit("a");
      await jest.advanceTimersByTimeAsync(50);
      expect(follower.seen()).toEqual(["a"]);
    });

    it("one signature serves all followers", async () => {
      const followers = [follow(), follow(), follow()];
      await settle();
      const before = signed;
      store.commit("a");
      feed.announce();
      await settle();
      expect(signed - before).toBe(1);
      for (const { seen } of followers) expect(seen()).toEqual(["a"]);
    });

    it("an empty batch says twice a second that nothing ended", async () => {
      const follower = follow();
      await jest.advanceTimersByTimeAsync(5_000);
      // The first, and one every half second.
      expect(follower.batches.length).toBeGreaterThanOrEqual(10);
      expect(follower.batches.length).toBeLessThanOrEqual(12);
      expect(follower.batches.at(-1)).toMatchObject({ after: 0, to: 0, size: 0, more: false });
    });

    it("while it cannot be read, says nothing; then goes on, and tells both in the log, once", async () => {
      const follower = follow();
      await settle();
      const { length } = follower.batches;
      store.failure = new Error("on purpose");
      store.commit("a");
      await jest.advanceTimersByTimeAsync(5_000);
      expect(follower.batches).toHaveLength(length);
      store.failure = null;
      await jest.advanceTimersByTimeAsync(300);
      expect(follower.seen()).toEqual(["a"]);
      expect(logged).toEqual([
        "revocation feed stalled: the database does not answer",
        "revocation feed recovered",
      ]);
    });

    it("while entries wait for a position in vain, never says that nothing ended", async () => {
      const follower = follow();
      await settle();
      const { length } = follower.batches;
      store.stuck = true;
      store.commit("a");
      await jest.advanceTimersByTimeAsync(2_000);
      expect(follower.batches).toHaveLength(length);
      store.stuck = false;
      await jest.advanceTimersByTimeAsync(50);
      expect(follower.seen()).toEqual(["a"]);
    });

    it("one who is slow holds up nobody, and nothing is kept for it: it reads what it missed", async () => {
      const slow = follow(0, { slow: true });
      const quick = follow();
      await settle();
      for (const subject of ["a", "b", "c", "d"]) {
        store.commit(subject);
        feed.announce();
        await settle();
      }
      expect(quick.seen()).toEqual(["a", "b", "c", "d"]);
      expect(slow.batches).toHaveLength(1);
      await slow.take();
      expect(slow.seen()).toEqual(["a", "b", "c", "d"]);
      expect(slow.batches).toHaveLength(2);
      store.commit("e");
      feed.announce();
      await slow.take();
      expect(slow.seen()).toEqual(["a", "b", "c", "d", "e"]);
      expectUnbroken(slow.batches);
    });

    it("whoever joins behind the others is brought up to them, and goes on with them", async () => {
      const subjects = Array.from({ length: 2_500 }, (_, i) => `s${i}`);
      const early = follow();
      await settle();
      store.commit(...subjects);
      feed.announce();
      await settle();
      const [late, later] = [follow(0), follow(1_700)];
      await settle();
      store.commit("last");
      feed.announce();
      await settle();
      for (const { batches } of [early, late, later]) expectUnbroken(batches);
      expect(early.seen()).toEqual([...subjects, "last"]);
      expect(late.seen()).toEqual([...subjects, "last"]);
      expect(later.seen()).toEqual([...subjects.slice(1_700), "last"]);
    });

    it("no more followers than allowed, whosever they are; one who leaves makes room", async () => {
      const followers = ["a", "b", "c", "d"].map((client) => follow(0, { client }));
      await settle();
      await expect(follow(0, { client: "a" }).ended).rejects.toEqual(unavailable);
      followers[0]!.leave();
      await settle();
      const next = follow(0, { client: "b" });
      await settle();
      expect(next.batches).toHaveLength(1);
    });

    it("no more followers of one client than allowed; another still gets in, and one who leaves makes room", async () => {
      const followers = [follow(), follow(), follow()];
      await settle();
      await expect(follow().ended).rejects.toMatchObject({ code: "TOO_MANY_REQUESTS", retryAfter: 1 });
      const other = follow(0, { client: "another" });
      await settle();
      other.leave();
      followers[0]!.leave();
      await settle();
      const next = follow();
      await settle();
      for (const { batches } of [other, next]) expect(batches).toHaveLength(1);
    });

    it("a follower that cannot be served leaves no trace", async () => {
      for (let i = 0; i < 5; i++) await expect(follow(7).ended).rejects.toMatchObject({ code: "CONFLICT" });
      const followers = [follow(), follow(), follow()];
      await settle();
      for (const { batches } of followers) expect(batches).toHaveLength(1);
    });

    it("the database being an older one, all followers end, and those who saw more are told", async () => {
      const followers = [follow(), follow(0, { slow: true })];
      await settle();
      store.commit("a", "b", "c");
      feed.announce();
      await settle();
      store.rewind(1);
      await jest.advanceTimersByTimeAsync(50);
      await Promise.all(followers.map(({ ended }) => ended));
      await expect(follow(3).ended).rejects.toMatchObject({ code: "CONFLICT" });
      const again = follow();
      await settle();
      store.commit("d");
      await jest.advanceTimersByTimeAsync(50);
      expect(again.seen()).toEqual(["a", "d"]);
    });

    it("closed, it ends all followers at once, those too who are slow, and takes no more", async () => {
      const followers = [follow(), follow(0, { slow: true })];
      await settle();
      const closed = feed.close();
      await Promise.all(followers.map(({ ended }) => ended));
      await expect(follow().ended).rejects.toEqual(unavailable);
      await followers[1]!.take();
      await closed;
    });
  });
});
