import { setTimeout as sleep } from "node:timers/promises";

/** Far longer than anything that is waited for takes. */
const PATIENCE_MS = 45_000;

/** Waits for something that happens beside the test, by looking at it over and over. */
export async function until(holds: () => boolean | Promise<boolean>, what = "it"): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await sleep(5);
  }
}
