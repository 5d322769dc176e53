import type { Credential } from "./read-token.js";
import type { PrivilegeViewer, RefusalCode, UserViewer, Verification } from "./verification.js";

/** Verifies who is calling, from memory. A process needs one verifier. */
export interface Verifier<V extends PrivilegeViewer | UserViewer = PrivilegeViewer> {
  /**
   * Verifies what a request presents, synchronously and without a call. It never throws for a bad credential.
   *
   * @param credential the token itself, the request's headers in any form of `Credential`, or null for a request that
   *   has neither. Anything else is refused, including `undefined`.
   */
  verify(credential: Credential | null): Verification<V>;
  /**
   * Does the same, but with `onStale: "introspect"` it asks the gateway about an otherwise valid token while the
   * verifier is not up to date. It never throws either: a token that it cannot ask about is refused.
   */
  verifyOnline(credential: Credential | null): Promise<Verification<V>>;
  /**
   * Resolves when the verifier has read the keys and the whole feed.
   *
   * @param timeout milliseconds; default 10,000.
   * @throws Error after the timeout, with the current problems, or when the verifier is closed.
   */
  ready(timeout?: number): Promise<void>;
  /** Ends every connection and timer, and resolves when they have ended. From then on every token is refused. */
  close(): Promise<void>;
  stats(): VerifierStats;
}

/** The state of a verifier, for metrics and health checks. */
export interface VerifierStats {
  /** Whether tokens are accepted at the moment. */
  ready: boolean;
  /** The number of keys in use. */
  keys: number;
  /** The number of requests for the keys. */
  keyRequests: number;
  /** The position up to which the feed was read. */
  position: string;
  /** Milliseconds since the feed was last up to date; null when it never was. */
  age: number | null;
  batches: number;
  /** How the feed is read at the moment. */
  transport: "sse" | "poll";
  /** The number of revocations in memory, whose tokens could still be presented. */
  revocations: number;
  /** The memory that the revocations take, in bytes. */
  revocationBytes: number;
  /** The number of cached tokens. */
  cachedTokens: number;
  accepted: number;
  refused: Readonly<Record<RefusalCode, number>>;
  /** The current problem of reading the keys and of reading the feed; null when there is none. */
  problems: { keys: string | null; feed: string | null };
}
