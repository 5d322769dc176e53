import type { SigningKey } from "../../../src/entities/signing-key.js";
import { keyStatuses, NEVER } from "../../../src/keys/key-statuses.js";

const NOW = Date.parse("2030-01-01T12:00:00Z");
const HOUR = 3_600_000;

interface Instants {
  active: number;
  tokens?: number;
  dropped?: number;
}

function rowsOf(keys: Record<string, Instants>): SigningKey[] {
  return Object.entries(keys).map(([kid, { active, tokens = 0, dropped }]) => ({
    kid,
    algorithm: "ES256",
    publicJwk: "{}",
    privateKey: "sealed-private-half",
    creationTime: new Date(0),
    activationTime: new Date(NOW + active),
    tokensUntil: new Date(tokens === Infinity ? NEVER : NOW + tokens),
    dropTime: dropped === undefined ? null : new Date(NOW + dropped),
  }));
}

/** `kid:state` in the order in which they are told. */
const statesOf = (keys: Record<string, Instants>) =>
  keyStatuses(rowsOf(keys), NOW).map(({ kid, state }) => `${kid}:${state}`);

const of = (keys: Record<string, Instants>, wanted: string) =>
  keyStatuses(rowsOf(keys), NOW).find(({ kid }) => kid === wanted);

describe("how keys stand", () => {
  it.each<[what: string, keys: Record<string, Instants>, states: string[]]>([
    ["none there is", {}, []],
    ["the only one signs", { a: { active: -1 } }, ["a:signing"]],
    [
      "the newest that is active signs; those after it come, those before it are retired",
      { c: { active: 1 }, a: { active: -2 }, b: { active: 0 }, d: { active: 2 } },
      ["d:upcoming", "c:upcoming", "b:signing", "a:retired"],
    ],
    [
      "of two that are active since the same moment, every node takes the same",
      { b: { active: 0 }, a: { active: 0 } },
      ["a:signing", "b:retired"],
    ],
    [
      "a dropped key counts for nothing, whatever its time",
      { a: { active: -2 }, b: { active: -1, dropped: 0 }, c: { active: 1, dropped: 0 } },
      ["a:signing", "c:dropped", "b:dropped"],
    ],
    [
      "when the time of none has come, the first to come signs",
      { a: { active: 1 }, b: { active: 2 }, c: { active: -1, dropped: 0 } },
      ["b:upcoming", "a:signing", "c:dropped"],
    ],
  ])("%s", (_what, keys, states) => {
    expect(statesOf(keys)).toEqual(states);
  });

  it("a key retires when the next one signs, which is known before", () => {
    const keys = { a: { active: -2 * HOUR }, b: { active: -HOUR }, c: { active: HOUR } };
    expect(of(keys, "a")?.retirementTime).toEqual(new Date(NOW - HOUR));
    expect(of(keys, "b")?.retirementTime).toEqual(new Date(NOW + HOUR));
    expect(of(keys, "c")?.retirementTime).toBeNull();
  });

  it.each<[what: string, tokens: number, until: number | null]>([
    ["its last token has ended", 5 * HOUR, NOW + 6 * HOUR],
    ["it stopped signing, and its privilege tokens have ended", -9 * HOUR, NOW],
    ["for ever, when one of its tokens never ends", Infinity, null],
  ])("a retired key is kept for an hour after %s", (_what, tokens, until) => {
    const found = of({ a: { active: -2 * HOUR, tokens }, b: { active: -HOUR } }, "a");
    expect(found?.publishedUntil).toEqual(until === null ? null : new Date(until));
  });

  it("no end is told of a key that is not retired", () => {
    const keys = { a: { active: -1, tokens: HOUR }, b: { active: 1 }, c: { active: 0, dropped: 0 } };
    for (const { publishedUntil } of keyStatuses(rowsOf(keys), NOW)) expect(publishedUntil).toBeNull();
  });

  it("nothing private is told", () => {
    expect(JSON.stringify(keyStatuses(rowsOf({ a: { active: 0 } }), NOW))).not.toContain("sealed");
  });
});
