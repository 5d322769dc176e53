/**
 * Nodes tell each other that there may be news. A nudge says no more than that: whoever gets one looks, whoever
 * misses one looks a moment later, and nothing may rest on it.
 */
export interface Nudges {
  /** Nudges all nodes, unless that is impossible just now. Never fails, never waits. */
  send(): void;
  /** Begins to take part; `onNudge` is called now and then while there are nudges, however many they are. */
  start(onNudge: () => void): void;
  /** Ends it at once. */
  close(): void;
}

/** A node that nobody nudges: it looks by itself. */
export const noNudges: Nudges = {
  send: () => undefined,
  start: () => undefined,
  close: () => undefined,
};
