import { createHashQueue, retryAfterSeconds, type HashQueue } from "../../../src/passwords/hash-queue.js";

const BUSY = { code: "SERVICE_UNAVAILABLE", retryAfter: expect.any(Number) };

/** A queue whose tasks end when told. */
function makeQueue(overrides: { workers?: number; limit?: number; waitLimitMs?: number } = {}) {
  let now = 0;
  const queue = createHashQueue({
    workers: 2,
    limit: 2,
    waitLimitMs: 60_000,
    clock: () => now,
    ...overrides,
  });
  const started: number[] = [];
  const ends: (() => void)[] = [];
  const start = (id: number): Promise<number> =>
    queue.run(() => {
      started.push(id);
      return new Promise((resolve) => ends.push(() => resolve(id)));
    });
  const advance = (ms: number): void => void (now += ms);
  return { queue, started, ends, start, advance };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function expectIdle(queue: HashQueue): Promise<void> {
  await settle();
  expect(queue.stats()).toEqual({ running: 0, waiting: 0 });
}

describe("createHashQueue", () => {
  it("runs as many at once as there are workers, the others in order of arrival", async () => {
    const { queue, started, ends, start } = makeQueue();
    const all = Promise.all([1, 2, 3, 4].map(start));
    await settle();
    expect(started).toEqual([1, 2]);
    expect(queue.stats()).toEqual({ running: 2, waiting: 2 });
    ends[1]?.();
    await settle();
    expect(started).toEqual([1, 2, 3]);
    ends[0]?.();
    await settle();
    ends[2]?.();
    ends[3]?.();
    expect(await all).toEqual([1, 2, 3, 4]);
    await expectIdle(queue);
  });

  it("refuses one too many, and runs nothing of it", async () => {
    const { queue, started, ends, start } = makeQueue();
    const taken = [1, 2, 3, 4].map(start);
    await expect(start(5)).rejects.toMatchObject(BUSY);
    for (let index = 0; index < 4; index += 1) {
      await settle();
      ends[index]?.();
    }
    await Promise.all(taken);
    expect(started).toEqual([1, 2, 3, 4]);
    await expectIdle(queue);
  });

  it("refuses who has waited too long, and runs nothing of it", async () => {
    const { queue, started, ends, start } = makeQueue({ workers: 1, waitLimitMs: 1 });
    const first = start(1);
    await expect(start(2)).rejects.toMatchObject(BUSY);
    expect(queue.stats()).toEqual({ running: 1, waiting: 0 });
    ends[0]?.();
    await first;
    expect(started).toEqual([1]);
    await expectIdle(queue);
  });

  it("gives the turn on when a task fails", async () => {
    const { queue, ends, start } = makeQueue({ workers: 1 });
    const failing = queue.run(() => Promise.reject(new Error("broken")));
    const next = start(1);
    await expect(failing).rejects.toThrow("broken");
    await settle();
    ends[0]?.();
    expect(await next).toBe(1);
    await expectIdle(queue);
  });

  it("on close refuses new tasks and finishes those it took", async () => {
    const { queue, ends, start } = makeQueue({ workers: 1 });
    const taken = Promise.all([start(1), start(2)]);
    let closed = false;
    const closing = queue.close().then(() => (closed = true));
    await expect(start(3)).rejects.toMatchObject(BUSY);
    await settle();
    ends[0]?.();
    await settle();
    expect(closed).toBe(false);
    ends[1]?.();
    expect(await taken).toEqual([1, 2]);
    await closing;
  });

  it("closes at once when idle", async () => {
    await makeQueue().queue.close();
  });

  it.each([
    ["", 0],
    [", whichever way the clock jumps meanwhile", -3_600_000],
  ])("estimates the wait from what tasks took%s", async (_, jumpMs) => {
    const { ends, start, advance } = makeQueue({ workers: 1, limit: 0 });
    for (let index = 0; index < 40; index += 1) {
      const done = start(index);
      await settle();
      advance(index === 0 ? jumpMs : 7_000);
      ends[index]?.();
      await done;
    }
    const last = start(40);
    await expect(start(41)).rejects.toMatchObject({ ...BUSY, retryAfter: 7 });
    ends[40]?.();
    await last;
  });
});

describe("retryAfterSeconds", () => {
  it("lies between 1 and 30", () => {
    expect(retryAfterSeconds(1, 2, 100)).toBe(1);
    expect(retryAfterSeconds(64, 2, 367)).toBe(12);
    expect(retryAfterSeconds(10_000, 1, 1_000)).toBe(30);
  });
});
