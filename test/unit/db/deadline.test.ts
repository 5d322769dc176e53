import { jest } from "@jest/globals";
import { setImmediate } from "node:timers/promises";
import { DeadlineError, withDeadline } from "../../../src/db/deadline.js";

const DEADLINE_MS = 300;

/** The process stands still: neither timers nor sockets are served. */
const standStill = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

const never = () => new Promise<never>(() => undefined);

describe("a deadline", () => {
  it("lets work that ends in time answer, and frees nothing", async () => {
    const expire = jest.fn();
    await expect(withDeadline(Promise.resolve(1), DEADLINE_MS, expire)).resolves.toBe(1);
    await expect(withDeadline(Promise.reject(new Error("its own")), DEADLINE_MS, expire)).rejects.toThrow(
      "its own",
    );
    expect(expire).not.toHaveBeenCalled();
  });

  it("frees what is held by work that does not end", async () => {
    const expire = jest.fn();
    await expect(withDeadline(never(), DEADLINE_MS, expire)).rejects.toThrow(DeadlineError);
    expect(expire).toHaveBeenCalledTimes(1);
  });

  it("that passes while the process stands still lets an answer that has arrived be read", async () => {
    // Where a socket would be: behind the timers of the first turn of the loop after the stop.
    const answer = setImmediate(2).then(async (value) => {
      await setImmediate();
      return value;
    });
    const working = withDeadline(answer, DEADLINE_MS, () => undefined);
    standStill(2 * DEADLINE_MS);
    await expect(working).resolves.toBe(2);
  });

  it("comes all the same where the process stands still over and over", async () => {
    const expire = jest.fn();
    const working = withDeadline(never(), DEADLINE_MS, expire);
    const ended = working.catch((error: unknown) => error);
    let stops = 0;
    for (; expire.mock.calls.length === 0 && stops < 10; stops++) {
      standStill(1.5 * DEADLINE_MS);
      await setImmediate();
      await setImmediate();
    }
    expect(stops).toBeLessThanOrEqual(3);
    expect(await ended).toBeInstanceOf(DeadlineError);
    expect(expire).toHaveBeenCalledTimes(1);
  });
});
