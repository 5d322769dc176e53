import { createWorkerPool, type WorkerPool } from "../../../src/passwords/worker-pool.js";

const pools: WorkerPool[] = [];

function makePool({ file = "./troubled-worker.mjs", deadlineMs = 60_000, threads = 1 } = {}): WorkerPool {
  const pool = createWorkerPool({
    file: new URL(file, import.meta.url),
    name: "echo",
    threads: { min: threads, max: threads },
    idleTimeoutMs: Infinity,
    heapMib: 24,
    deadlineMs,
  });
  pools.push(pool);
  return pool;
}

afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.destroy())));

describe("createWorkerPool", () => {
  it("runs the named function", async () => {
    expect(await makePool().run("echo", { value: "é\0😀" })).toEqual({ value: "é\0😀" });
  });

  it.each(["exit", "fail", "hoard"])(
    "answers when the worker does %s, and goes on with another",
    async (what) => {
      const pool = makePool();
      for (let round = 0; round < 3; round += 1) {
        await expect(pool.run(what, null)).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
        expect(await pool.run("echo", round)).toBe(round);
      }
    },
  );

  it("answers the tasks queued behind a worker that dies", async () => {
    const pool = makePool();
    const dying = pool.run("exit", null);
    const behind = [1, 2, 3].map((value) => pool.run("echo", value));
    await expect(dying).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
    expect(await Promise.all(behind)).toEqual([1, 2, 3]);
  });

  it("gives up a worker that hangs, and goes on with another", async () => {
    const pool = makePool({ deadlineMs: 2_000 });
    expect(await pool.run("echo", 1)).toBe(1);
    await expect(pool.run("hang", null)).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
    expect(await pool.run("echo", 2)).toBe(2);
  });

  it("answers when the worker file does not exist, and survives threads that fail without a task", async () => {
    const pool = makePool({ file: "./no-such-worker.mjs", threads: 2 });
    for (let round = 0; round < 3; round += 1) {
      await expect(pool.run("echo", 1)).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
    }
  });

  it("gives its workers no environment", async () => {
    expect(await makePool().run("environment", null)).toEqual([]);
  });
});
