import { setTimeout as sleep } from "node:timers/promises";

/**
 * What may be asked for at any rate, and is done at once, but never twice at a time nor sooner than `ms` after
 * it last began. However often it is asked for meanwhile, it is done once more then.
 *
 * @param act never fails.
 */
export function throttleCalls(act: () => Promise<void> | void, ms: number): () => void {
  let busy = false;
  let again = false;
  const begin = () => {
    busy = true;
    again = false;
    void Promise.all([act(), sleep(ms, undefined, { ref: false })]).then(end);
  };
  const end = () => {
    busy = false;
    if (again) begin();
  };
  return () => {
    if (busy) again = true;
    else begin();
  };
}
