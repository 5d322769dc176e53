import { jest } from "@jest/globals";
import { runPeriodically, sweepPeriodically } from "../../../src/lib/run-periodically.js";

const EVERY_MS = 1_000;

function logOf() {
  const lines: string[] = [];
  const write = (level: string) => (_fields: object, message: string) => lines.push(`${level} ${message}`);
  return { lines, log: { info: write("info"), warn: write("warn") } };
}

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Work whose runs end when the test says so. */
function controlledWork(firstMs?: number) {
  const { lines, log } = logOf();
  const runs: { end: () => void; fail: () => void; isStopping: () => boolean }[] = [];
  const stop = runPeriodically({
    what: "the work",
    everyMs: EVERY_MS,
    ...(firstMs === undefined ? {} : { firstMs }),
    run: (isStopping) =>
      new Promise<void>((resolve, reject) => {
        runs.push({
          end: resolve,
          fail: () => {
            reject(new Error("on purpose"));
          },
          isStopping,
        });
      }),
    log,
  });
  return { runs, stop, lines };
}

describe("periodic work", () => {
  it.each([
    [undefined, EVERY_MS],
    [0, 0],
    [100, 100],
    [5_000, EVERY_MS],
  ])("with firstMs %p runs first after %i ms", async (firstMs, expected) => {
    const { runs, stop } = controlledWork(firstMs);
    await jest.advanceTimersByTimeAsync(Math.max(0, expected - 1));
    expect(runs).toHaveLength(expected === 0 ? 1 : 0);
    await jest.advanceTimersByTimeAsync(1);
    expect(runs).toHaveLength(1);
    runs[0]!.end();
    await stop();
  });

  it("is never run twice at a time: a run that is due meanwhile is left out", async () => {
    const { runs, stop } = controlledWork(0);
    await jest.advanceTimersByTimeAsync(10 * EVERY_MS);
    expect(runs).toHaveLength(1);
    runs[0]!.end();
    await jest.advanceTimersByTimeAsync(EVERY_MS);
    expect(runs).toHaveLength(2);
    runs[1]!.end();
    await stop();
  });

  it("that fails is run again, and reported once when it fails and once when it works again", async () => {
    const { runs, stop, lines } = controlledWork(0);
    for (const outcome of ["fail", "fail", "end", "end", "fail", "end"] as const) {
      runs.at(-1)![outcome]();
      await jest.advanceTimersByTimeAsync(EVERY_MS);
    }
    expect(lines).toEqual([
      "warn the work fails and is tried again",
      "info the work works again",
      "warn the work fails and is tried again",
      "info the work works again",
    ]);
    runs.at(-1)!.end();
    await stop();
  });

  it("told to stop, ends after the run under way and never runs again", async () => {
    const { runs, stop } = controlledWork(0);
    expect(runs[0]!.isStopping()).toBe(false);
    let stopped = false;
    const stopping = stop().then(() => (stopped = true));
    await jest.advanceTimersByTimeAsync(EVERY_MS);
    expect([runs[0]!.isStopping(), stopped]).toEqual([true, false]);
    runs[0]!.end();
    await stopping;
    await jest.advanceTimersByTimeAsync(10 * EVERY_MS);
    expect(runs).toHaveLength(1);
  });
});

describe("a sweep", () => {
  it("goes on until a batch is not full, a minute after the start and then every hour", async () => {
    const calls: [number, number][] = [];
    const answers = [500, 500, 3, 0];
    const stop = sweepPeriodically({
      what: "rows",
      sweep: async (before, limit) => {
        calls.push([before.getTime(), limit]);
        return answers.shift() ?? 0;
      },
      retentionMs: 7,
      clock: () => 1_007,
      log: logOf().log,
    });
    await jest.advanceTimersByTimeAsync(60_000);
    expect(calls).toEqual([1, 2, 3].map(() => [1_000, 500]));
    await jest.advanceTimersByTimeAsync(3_600_000);
    expect(calls).toHaveLength(4);
    await stop();
  });
});
