import { LatchkeyError } from "../../../src/errors/latchkey-error.js";
import { createInvalidTokenLimit } from "../../../src/limits/invalid-token-limit.js";
import type { RateLimit } from "../../../src/config/config.js";

const SECOND = 1_000;
const ANN = "192.0.2.1";
const BOB = "192.0.2.2";

function makeLimit(limits: RateLimit[] = [{ most: 3, periodMs: 60 * SECOND }]) {
  const time = { now: 0 };
  const shut: string[] = [];
  const limit = createInvalidTokenLimit(
    { clock: () => time.now, onLimited: (address) => shut.push(address) },
    limits,
  );
  /** `ok`, or the seconds to wait. */
  const outcome = (act: () => void): string | number | undefined => {
    try {
      act();
      return "ok";
    } catch (error) {
      if (!(error instanceof LatchkeyError) || error.code !== "TOO_MANY_REQUESTS") throw error;
      return error.retryAfter;
    }
  };
  const admit = (address: string, known = false) =>
    outcome(() => {
      limit.admit(
        () => address,
        () => known,
      );
    });
  /** What the last of them is told. */
  const attempt = (address: string, times = 1) => {
    for (let count = 1; count < times; count++) attempt(address);
    return outcome(() => {
      limit.count(() => address);
    });
  };
  return { time, shut, limit, admit, attempt };
}

describe("invalid tokens of one source", () => {
  it("are limited within a window, which begins with the first and ends by itself", () => {
    const { time, attempt } = makeLimit();
    expect(attempt(ANN)).toBe("ok");
    time.now = 20 * SECOND;
    expect([attempt(ANN), attempt(ANN), attempt(ANN)]).toEqual(["ok", "ok", 40]);
    time.now = 60 * SECOND - 1;
    expect(attempt(ANN)).toBe(1);
    time.now = 60 * SECOND;
    expect([attempt(ANN, 3), attempt(ANN)]).toEqual(["ok", 60]);
  });

  it("stop neither a credential that is known, nor another source", () => {
    const { admit, attempt } = makeLimit();
    attempt(ANN, 9);
    for (let count = 0; count < 100; count++) expect([admit(ANN, true), admit(BOB)]).toEqual(["ok", "ok"]);
  });

  it("leave twenty a second of what is unknown to be judged, for who shares the source", () => {
    const { time, admit, attempt } = makeLimit();
    attempt(ANN, 9);
    for (let second = 1; second < 4; second++) {
      for (let count = 0; count < 20; count++) expect(admit(ANN)).toBe("ok");
      expect([admit(ANN), admit(ANN, true)]).toEqual([1, "ok"]);
      time.now = second * SECOND;
    }
  });

  it("are those of the network: an IPv6 /64 is one, IPv4 in either form", () => {
    const { attempt } = makeLimit();
    for (const end of ["1", "2", "ffff:1"]) attempt(`2001:db8:1:1::${end}`);
    for (const form of [ANN, `::ffff:${ANN}`, `${ANN}:8080`]) attempt(form);
    expect(["2001:db8:1:1::9", "2001:db8:1:2::1", ANN].map((address) => attempt(address))).toEqual([
      60,
      "ok",
      60,
    ]);
  });

  it("keep to every limit, and the longest wait is told", () => {
    const { time, attempt } = makeLimit([
      { most: 2, periodMs: 10 * SECOND },
      { most: 4, periodMs: 60 * SECOND },
    ]);
    expect(attempt(ANN, 3)).toBe(10);
    time.now = 10 * SECOND;
    expect([attempt(ANN, 2), attempt(ANN)]).toEqual(["ok", 50]);
  });

  it("are told of once a window, however many follow", () => {
    const { time, shut, attempt } = makeLimit();
    attempt(ANN, 2);
    expect(shut).toEqual([]);
    attempt(ANN, 7);
    attempt(BOB, 7);
    expect(shut).toEqual([ANN, BOB]);
    time.now = 60 * SECOND;
    attempt(ANN, 7);
    expect(shut).toEqual([ANN, BOB, ANN]);
  });

  it("cost the sender nothing a comparison: no address is asked for while nobody has to wait", () => {
    const { time, limit, attempt } = makeLimit();
    const asked = { count: 0 };
    const look = () =>
      limit.admit(
        () => ((asked.count += 1), BOB),
        () => false,
      );
    attempt(ANN, 2);
    look();
    expect(asked.count).toBe(0);
    attempt(ANN);
    look();
    expect(asked.count).toBe(1);
    time.now = 60 * SECOND;
    look();
    expect(asked.count).toBe(1);
  });

  it("are remembered of ten thousand sources: who uses more forgets only the oldest", () => {
    const { attempt } = makeLimit();
    const address = (count: number) => `10.${count >> 16}.${(count >> 8) & 255}.${count & 255}`;
    for (let count = 0; count <= 10_000; count++) attempt(address(count), 3);
    // The oldest last: it takes the place of another.
    expect([1, 10_000, 0].map((count) => attempt(address(count)))).toEqual([60, 60, "ok"]);
  });
});
