import { jest } from "@jest/globals";
import { pino } from "pino";
import { startSequencing } from "../../../src/revocation/start-sequencing.js";
import { createMemoryFeedStore } from "../../support/revocation/memory-feed-store.js";

const log = pino({ level: "silent" });

afterEach(() => {
  jest.useRealTimers();
});

describe("entries that nobody follows", () => {
  it("have their positions within ten seconds, and a failure waits for the next round", async () => {
    jest.useFakeTimers();
    const store = createMemoryFeedStore();
    const stop = startSequencing(store, log);
    store.commit("a");
    expect((await store.read(0)).head).toBe(0);
    store.failure = new Error("on purpose");
    await jest.advanceTimersByTimeAsync(10_000);
    store.failure = null;
    expect((await store.read(0)).head).toBe(0);
    await jest.advanceTimersByTimeAsync(10_000);
    expect((await store.read(0)).head).toBe(1);
    await stop();
    store.commit("b");
    await jest.advanceTimersByTimeAsync(60_000);
    expect((await store.read(0)).head).toBe(1);
  });
});
