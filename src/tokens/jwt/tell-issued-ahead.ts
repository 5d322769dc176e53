import type { Clock } from "../../lib/clock.js";

/** Milliseconds: every request may present such a token. */
const TOLD_EVERY_MS = 60_000;

/**
 * Makes what tells an operator, at most once a minute, that tokens which this installation signed are refused
 * because they are issued later than this node's clock says.
 */
export function createIssuedAheadReport(
  log: { warn(fields: object, message: string): void },
  monotonic: Clock,
): (aheadMs: number) => void {
  let toldAt = -Infinity;
  return (aheadMs) => {
    const now = monotonic();
    if (now - toldAt < TOLD_EVERY_MS) return;
    toldAt = now;
    log.warn(
      { aheadMs },
      "a token of this installation is refused: it is issued in the future, so this node's clock or that of the node which issued it is wrong",
    );
  };
}
