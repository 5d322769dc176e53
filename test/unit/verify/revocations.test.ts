import { randomUUID } from "node:crypto";
import type { FeedEntry } from "../../../packages/wire/src/feed-entry.js";
import {
  createRevocations,
  type JudgedToken,
  type Verdict,
} from "../../../packages/verify/src/revocations.js";
import { randomOf, seeded, type Random } from "../../support/seeded.js";

interface Token {
  sid: string;
  sub: string;
  ver: number | null;
  iat: number;
}

function judged({ sid, sub, ver, iat }: Token): JudgedToken {
  const viewer = { sid, userId: sub, issuedAt: iat * 1000, ...(ver === null ? {} : { version: ver }) };
  return { viewer, ids: null };
}

/** The format document, read literally: the whole history is kept and gone through. */
function judgeLiterally(history: readonly FeedEntry[], { sid, sub, ver, iat }: Token, now: number): Verdict {
  let [expiry, disabled] = [Infinity, false];
  for (const entry of history) {
    if ("sid" in entry ? entry.sid !== sid : entry.sub !== sub) continue;
    if (entry.kind === "token") return "TOKEN_REVOKED";
    if (entry.kind === "version" && ver !== null && ver < entry.ver && entry.from <= now)
      return "TOKEN_REVOKED";
    if (entry.kind === "user" && iat * 1000 < entry.before) return "TOKEN_REVOKED";
    if (entry.kind === "role" && ver === null && iat * 1000 < entry.before) return "TOKEN_REVOKED";
    if (entry.kind === "expiry") expiry = entry.at;
    if (entry.kind === "disabled" || entry.kind === "enabled") disabled = entry.kind === "disabled";
  }
  return expiry <= now ? "TOKEN_EXPIRED" : disabled ? "TOKEN_DISABLED" : null;
}

const SECOND = 1_900_000_000;

function randomEntry(random: Random, sid: string, sub: string, now: number): FeedEntry {
  const exp = random(4) === 0 ? null : SECOND + 100_000;
  const near = now - 5_000 + random(10_000);
  switch (random(9)) {
    case 0:
      return { kind: "token", sid, exp };
    case 1:
    case 2:
      return { kind: "disabled", sid, exp };
    case 3:
    case 4:
      return { kind: "enabled", sid, exp };
    case 5:
      return { kind: "expiry", sid, at: near, exp };
    case 6:
      return { kind: "version", sid, ver: 1 + random(6), from: near, exp };
    case 7:
      return { kind: "user", sub, before: near - 20_000, exp };
    default:
      return { kind: "role", sub, before: near - 20_000, exp };
  }
}

describe("revocations", () => {
  it.each([11, 12, 13])("say what the whole history says, at every moment (seed %i)", (seed) => {
    const random = seeded(seed);
    for (let round = 0; round < 100; round += 1) {
      const tables = { privilege: createRevocations("privilege"), user: createRevocations("user") };
      const history: FeedEntry[] = [];
      const [sids, subs] = [
        [randomUUID(), randomUUID()],
        [randomUUID(), randomUUID()],
      ];
      let now = SECOND * 1000;
      for (let step = 0; step < 12; step += 1) {
        now += random(3_000);
        const entry = randomEntry(random, randomOf(random, sids), randomOf(random, subs), now);
        history.push(entry);
        for (const table of Object.values(tables)) table.apply(entry, now - random(2_000));
        const token = {
          sid: randomOf(random, sids),
          sub: randomOf(random, subs),
          iat: SECOND - 30 + random(35),
        };
        for (const later of [0, 2_000, 20_000]) {
          const [privilege, user] = [
            { ...token, ver: null },
            { ...token, ver: random(6) },
          ];
          expect(tables.privilege.judge(judged(privilege), now + later)).toBe(
            judgeLiterally(history, privilege, now + later),
          );
          expect(tables.user.judge(judged(user), now + later)).toBe(
            judgeLiterally(history, user, now + later),
          );
        }
      }
    }
  });

  const [sid, sub] = [randomUUID(), randomUUID()];
  const version = (ver: number, from: number): FeedEntry => ({ kind: "version", sid, ver, from, exp: null });
  const judge = (table: ReturnType<typeof createRevocations>, ver: number, now: number) =>
    table.judge(judged({ sid, sub, ver, iat: SECOND }), now);

  it("of a token that is rotated for ever stay a few", () => {
    const table = createRevocations("user");
    for (let ver = 1; ver <= 2_000; ver += 1) {
      const now = SECOND * 1000 + ver * 60_000;
      table.apply(version(ver, now + 10_000), now);
      expect(judge(table, ver - 2, now)).toBe(ver < 2 ? null : "TOKEN_REVOKED");
      expect([judge(table, ver - 1, now), judge(table, ver - 1, now + 10_000)]).toEqual([
        null,
        "TOKEN_REVOKED",
      ]);
    }
    expect(table.size()).toBeLessThanOrEqual(4);
  });

  it("of a token that is rotated all the time within the grace stay a few, and never end its newest version", () => {
    const table = createRevocations("user");
    const now = SECOND * 1000;
    for (let ver = 1; ver <= 300; ver += 1) {
      table.apply(version(ver, now + 10_000 + ver), now + ver);
      expect(judge(table, ver, now + 100_000)).toBeNull();
      expect(judge(table, ver - 1, now + 10_000 + ver)).toBe("TOKEN_REVOKED");
    }
    expect(table.size()).toBeLessThanOrEqual(4);
  });

  it("that are repeated take the place of one", () => {
    const table = createRevocations("privilege");
    for (let round = 0; round < 1_000; round += 1) {
      table.apply({ kind: "token", sid, exp: SECOND + round }, 0);
      table.apply({ kind: "disabled", sid, exp: null }, 0);
      table.apply({ kind: "expiry", sid, at: round, exp: null }, 0);
      table.apply({ kind: "user", sub, before: round, exp: null }, 0);
      table.apply({ kind: "role", sub, before: round, exp: null }, 0);
    }
    expect(table.size()).toBe(5);
  });

  it("that cannot concern a kind of token take no place", () => {
    const [privilege, user] = [createRevocations("privilege"), createRevocations("user")];
    for (const table of [privilege, user]) {
      table.apply(version(1, 0), 0);
      table.apply({ kind: "role", sub, before: 1, exp: null }, 0);
    }
    expect([privilege.size(), user.size()]).toEqual([1, 1]);
  });

  it("are forgotten when they say nothing any more, and not before", () => {
    const table = createRevocations("privilege");
    for (let at = 0; at < 3_000; at += 1) table.apply({ kind: "token", sid: randomUUID(), exp: SECOND }, 0);
    table.apply({ kind: "token", sid, exp: SECOND + 1 }, 0);
    const sweepAll = (settled: number) => {
      for (let round = 0; round < 200; round += 1) table.sweep(settled);
    };
    sweepAll(SECOND * 1000 - 1);
    expect(table.size()).toBe(3_001);
    sweepAll(SECOND * 1000);
    expect(table.size()).toBe(1);
    expect(table.judge(judged({ sid, sub, ver: null, iat: SECOND }), SECOND * 1000)).toBe("TOKEN_REVOKED");
  });
});
