import { setImmediate as nextTurn } from "node:timers/promises";
import { monotonicClock } from "../../../packages/wire/src/clock.js";
import { throttleCalls } from "../../../src/lib/throttle-calls.js";

describe("paced", () => {
  it("acts at once, and once more for all that asked meanwhile", async () => {
    let acts = 0;
    const ask = throttleCalls(() => {
      acts += 1;
    }, 1);
    ask();
    expect(acts).toBe(1);
    for (let i = 0; i < 1_000; i++) ask();
    expect(acts).toBe(1);
    while (acts < 2) await nextTurn();
    ask();
    while (acts < 3) await nextTurn();
    expect(acts).toBe(3);
  });

  it("never acts twice at a time, however long one takes", async () => {
    let acts = 0;
    let finish: () => void = () => undefined;
    const ask = throttleCalls(() => {
      acts += 1;
      return new Promise<void>((resolve) => (finish = resolve));
    }, 0);
    ask();
    for (let i = 0; i < 50; i++) {
      ask();
      await nextTurn();
    }
    expect(acts).toBe(1);
    finish();
    while (acts < 2) await nextTurn();
    finish();
  });

  it("lets the time pass between two acts, asked for without end", async () => {
    const began: number[] = [];
    const ask = throttleCalls(() => void began.push(monotonicClock()), 20);
    while (began.length < 5) {
      ask();
      await nextTurn();
    }
    // A timer may be early by a fraction of a millisecond.
    began.slice(1).forEach((at, i) => {
      expect(at - began[i]!).toBeGreaterThan(18);
    });
  });
});
