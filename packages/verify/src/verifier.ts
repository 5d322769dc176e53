import type { Credential } from "./read-token.js";
import type { PrivilegeViewer, RefusalCode, UserViewer, Verification } from "./verification.js";

/** Tells who is calling, out of memory. One for a process is enough. */
export interface Verifier<V extends PrivilegeViewer | UserViewer = PrivilegeViewer> {
  /**
   * Verifies what a request presents, at once and without a call. Never throws for a bad credential.
   *
   * @param credential the token itself, the request's headers in any of the forms of `Credential`, or null for a
   *   request that has neither. Anything else is refused, `undefined` too.
   */
  verify(credential: Credential | null): Verification<V>;
  /**
   * The same, but with `onStale: "introspect"` asks the gateway about a token that is good in itself when it is
   * not known up to now what has been revoked. Never throws either: what cannot be asked is refused.
   */
  verifyOnline(credential: Credential | null): Promise<Verification<V>>;
  /**
   * Resolves when keys and feed have been read up to now.
   *
   * @param timeout milliseconds; default 10,000.
   * @throws Error when that takes longer, with what is in the way, or when the verifier is closed.
   */
  ready(timeout?: number): Promise<void>;
  /** Ends every connection and timer; resolves when they have ended. Everything is refused from then on. */
  close(): Promise<void>;
  stats(): VerifierStats;
}

/** What a verifier is doing, for metrics and health checks. */
export interface VerifierStats {
  /** Whether tokens are accepted at the moment. */
  ready: boolean;
  /** Keys in use. */
  keys: number;
  /** Times the keys were asked for. */
  keyRequests: number;
  /** Up to where the feed has been read. */
  position: string;
  /** Milliseconds since the feed was known up to the moment; null when it never was. */
  age: number | null;
  batches: number;
  /** How the feed is being read. */
  transport: "sse" | "poll";
  /** What is known to be revoked and could still be presented. */
  revocations: number;
  /** Memory of the revocations, in bytes. */
  revocationBytes: number;
  /** Tokens that are remembered as verified. */
  cachedTokens: number;
  accepted: number;
  refused: Readonly<Record<RefusalCode, number>>;
  /** What is wrong at the moment with reading the keys and the feed; null when nothing. */
  problems: { keys: string | null; feed: string | null };
}
