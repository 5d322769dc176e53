import { jest } from "@jest/globals";
import { pino } from "pino";
import { createUsageRecorder } from "../../../src/tokens/usage-recorder.js";
import { NOW } from "./records.js";

interface Write {
  keys: readonly string[];
  at: Date;
}

function recorderOver(touch: (keys: readonly string[]) => Promise<void> = async () => undefined) {
  const writes: Write[] = [];
  const time = { now: NOW };
  const recorder = createUsageRecorder({
    store: {
      touch: async (keys, at) => {
        writes.push({ keys, at });
        await touch(keys);
      },
    },
    clock: () => time.now,
    log: pino({ level: "silent" }),
  });
  return { recorder, writes, time };
}

describe("createUsageRecorder", () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it("noting a use writes nothing by itself", async () => {
    const { recorder, writes } = recorderOver();
    recorder.used("a");
    await Promise.resolve();
    expect(writes).toEqual([]);
    await recorder.close();
  });

  it("writes every noted token once, in one order, with the time", async () => {
    const { recorder, writes } = recorderOver();
    for (const key of ["b", "a", "b", "c", "a"]) recorder.used(key);
    await recorder.flush();
    expect(writes).toEqual([{ keys: ["a", "b", "c"], at: new Date(NOW) }]);
    await recorder.flush();
    expect(writes).toHaveLength(1);
    await recorder.close();
  });

  it("writes by itself every few seconds", async () => {
    const { recorder, writes } = recorderOver();
    recorder.used("a");
    await jest.advanceTimersByTimeAsync(5_000);
    expect(writes.map(({ keys }) => keys)).toEqual([["a"]]);
    recorder.used("a");
    await jest.advanceTimersByTimeAsync(5_000);
    expect(writes).toHaveLength(2);
    await recorder.close();
  });

  it("writes a last time when it closes, and never again", async () => {
    const { recorder, writes } = recorderOver();
    recorder.used("a");
    await recorder.close();
    expect(writes.map(({ keys }) => keys)).toEqual([["a"]]);
    recorder.used("b");
    await jest.advanceTimersByTimeAsync(60_000);
    expect(writes).toHaveLength(1);
  });

  it("writes many tokens in short transactions", async () => {
    const { recorder, writes } = recorderOver();
    for (let i = 0; i < 450; i++) recorder.used(`key-${i}`);
    await recorder.flush();
    expect(writes.map(({ keys }) => keys.length)).toEqual([200, 200, 50]);
    expect(new Set(writes.flatMap(({ keys }) => keys)).size).toBe(450);
    await recorder.close();
  });

  it("a use noted during a write is in the next, and writes take turns", async () => {
    let under = 0;
    const { recorder, writes } = recorderOver(async () => {
      expect(++under).toBe(1);
      await Promise.resolve();
      recorder.used("late");
      await Promise.resolve();
      under--;
    });
    recorder.used("a");
    await Promise.all([recorder.flush(), recorder.flush()]);
    expect(writes.map(({ keys }) => keys)).toEqual([["a"], ["late"]]);
    await recorder.close();
  });

  it("a write that fails breaks neither the flush nor the next one", async () => {
    let failing = true;
    const { recorder, writes } = recorderOver(async () => {
      if (failing) throw new Error("the database is gone");
    });
    recorder.used("a");
    await expect(recorder.flush()).resolves.toBeUndefined();
    failing = false;
    recorder.used("b");
    await recorder.close();
    expect(writes.at(-1)?.keys).toEqual(["a", "b"]);
  });

  it("writes the time of the use, to the second, and not that of the write", async () => {
    const { recorder, writes, time } = recorderOver();
    recorder.used("a");
    time.now += 400;
    recorder.used("b");
    time.now += 2_000;
    recorder.used("c");
    time.now += 2_500;
    await recorder.flush();
    const early = { keys: ["a", "b"], at: new Date(NOW + 400) };
    expect(writes).toEqual([early, { keys: ["c"], at: new Date(NOW + 2_400) }]);
    await recorder.close();
  });
});
