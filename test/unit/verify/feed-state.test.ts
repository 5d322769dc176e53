import { randomUUID } from "node:crypto";
import { createFeedState } from "../../../packages/verify/src/feed-state.js";
import { createJwsOpener } from "../../../packages/verify/src/open-jws.js";
import { readVerificationKey } from "../../../packages/verify/src/verification-key.js";
import { makePair, signAs, type SigningPair } from "../../support/verify/issuer.js";

const ISSUER = "https://auth.example";
const START = 1_900_000_000;
const BOUND = 2_000;
const TOLERANCE = 5_000;

let pair: SigningPair;
beforeAll(async () => {
  pair = await makePair();
});

/** A feed with both clocks in the test's hands. */
function makeFeed() {
  const time = { wall: START * 1000, monotonic: 0 };
  const key = readVerificationKey(pair.jwk);
  const state = createFeedState({
    open: createJwsOpener((kid) => (kid === pair.kid ? key : undefined)),
    settings: {
      issuer: ISSUER,
      tokens: "privilege",
      maxStaleness: BOUND,
      clockTolerance: TOLERANCE,
      clock: () => time.wall,
    },
    monotonic: () => time.monotonic,
    onUnknownKey: () => undefined,
  });
  const pass = (ms: number) => {
    time.wall += ms;
    time.monotonic += ms;
  };
  const isFresh = () => state.isFresh(time.monotonic);
  const batch = (changes: object = {}) => {
    const iat = Math.floor(time.wall / 1000);
    const payload = { iss: ISSUER, iat, v: 1, after: "0", to: "0", more: false, entries: [], ...changes };
    return signAs(pair, "revocations+jwt", payload);
  };
  return { time, state, pass, isFresh, batch };
}

describe("freshness", () => {
  it("lasts as long as the bound after a batch, and no longer", async () => {
    const { state, pass, isFresh, batch } = makeFeed();
    expect([isFresh(), state.age()]).toEqual([false, null]);
    state.accept(await batch());
    pass(BOUND);
    expect([isFresh(), state.age()]).toEqual([true, BOUND]);
    pass(1);
    expect(isFresh()).toBe(false);
    state.accept(await batch());
    expect(isFresh()).toBe(true);
  });

  it("is not given by a batch that has more behind it", async () => {
    const { state, isFresh, batch } = makeFeed();
    expect(state.accept(await batch({ to: "5", more: true }))).toBe(true);
    expect(isFresh()).toBe(false);
    expect(state.accept(await batch({ after: "5", to: "6" }))).toBe(false);
    expect(isFresh()).toBe(true);
  });

  it("is not given by a batch that was kept back, although it is taken in", async () => {
    const { state, pass, isFresh, batch } = makeFeed();
    const sid = randomUUID();
    const kept = await batch({ to: "1", entries: [{ kind: "token", sid, exp: null }] });
    pass(BOUND + TOLERANCE + 1_001);
    state.accept(kept);
    expect(isFresh()).toBe(false);
    expect(state.position()).toBe("1");
  });

  it("does not follow the wall clock", async () => {
    const { time, state, isFresh, batch } = makeFeed();
    state.accept(await batch());
    time.wall += 3_600_000;
    expect(isFresh()).toBe(true);
    time.monotonic += BOUND + 1;
    time.wall -= 7_200_000;
    expect(isFresh()).toBe(false);
  });

  it("ends when the feed begins anew", async () => {
    const { state, isFresh, batch } = makeFeed();
    state.accept(await batch({ to: "3" }));
    state.restart();
    expect([isFresh(), state.position()]).toEqual([false, "0"]);
  });
});

describe("a batch", () => {
  it("may be as much older than the one before it as clocks differ, and no more", async () => {
    const { state, batch } = makeFeed();
    state.accept(await batch());
    state.accept(await batch({ iat: START - TOLERANCE / 1000 }));
    const older = await batch({ iat: START - TOLERANCE / 1000 - 1 });
    expect(() => state.accept(older)).toThrow(
      expect.objectContaining({ message: expect.stringContaining("older") }),
    );
  });

  it("may come from as far ahead as clocks differ, and no farther", async () => {
    const { state, isFresh, batch } = makeFeed();
    const future = await batch({ iat: START + TOLERANCE / 1000 + 1 });
    expect(() => state.accept(future)).toThrow(
      expect.objectContaining({ message: expect.stringContaining("future") }),
    );
    state.accept(await batch({ iat: START + TOLERANCE / 1000 }));
    expect(isFresh()).toBe(true);
  });

  it("must begin where the last one ended", async () => {
    const { state, batch } = makeFeed();
    state.accept(await batch({ to: "10" }));
    for (const after of ["0", "9", "11"]) {
      const other = await batch({ after, to: "12" });
      expect(() => state.accept(other)).toThrow(expect.objectContaining({ name: "GatewayError" }));
    }
    state.accept(await batch({ after: "10", to: "9999999999999999999" }));
    expect(state.position()).toBe("9999999999999999999");
  });

  it("may hold a thousand entries and no more", async () => {
    const { state, batch } = makeFeed();
    const entries = Array.from({ length: 1001 }, () => ({ kind: "token", sid: randomUUID(), exp: null }));
    const tooMany = await batch({ to: "1001", entries });
    expect(() => state.accept(tooMany)).toThrow(expect.objectContaining({ name: "InvalidTokenError" }));
    state.accept(await batch({ to: "1000", entries: entries.slice(1) }));
    expect(state.revocations().size()).toBe(1000);
  });
});
