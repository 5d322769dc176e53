import { createHmac } from "node:crypto";

/**
 * Nodes tell each other that there may be news. A nudge says no more than that: whoever gets one looks, whoever
 * misses one looks a moment later, and nothing may rest on it.
 */
export interface RevocationNotifier {
  /** Nudges all nodes, unless that is impossible just now. Never fails, never waits. */
  send(): void;
  /** Begins to take part; `onNotification` is called now and then while there are nudges, however many they are. */
  start(onNotification: () => void): void;
  /** Ends it at once. */
  close(): void;
}

/** A node that nobody nudges: it looks by itself. */
export const noNotifier: RevocationNotifier = {
  send: () => undefined,
  start: () => undefined,
  close: () => undefined,
};

/**
 * The channel of one installation: all its nodes have the same, and no other installation that shares the Redis
 * does. It tells nothing about the issuer, nor about the secret that the key was made from.
 */
export function channelName(key: Buffer, issuer: string): string {
  return `latchkey:revocations:${createHmac("sha256", key).update(issuer).digest("base64url")}`;
}
