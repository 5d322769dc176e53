import { setTimeout as sleep } from "node:timers/promises";

/** Far longer than anything that a test waits for takes. */
const TIMEOUT_MS = 45_000;

/** Waits until a condition holds that the test does not cause directly. It checks the condition again and again. */
export async function until(holds: () => boolean | Promise<boolean>, what = "it"): Promise<void> {
  const end = performance.now() + TIMEOUT_MS;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await sleep(5);
  }
}

/** Waits until expectations hold, such as those of a log that is written a little later. */
export async function untilExpected(expectations: () => void): Promise<void> {
  let failure: unknown;
  const hold = () => {
    try {
      expectations();
      return true;
    } catch (error) {
      failure = error;
      return false;
    }
  };
  await until(hold).catch(() => {
    throw failure;
  });
}
