import type { SigningAlgorithm } from "../config/config.js";
import type { Clock } from "../lib/clock.js";
import type { Secrets } from "./secrets.js";
import type { SigningKeyStore } from "./signing-key-store.js";

/** What happened to a key, for the audit trail. */
export type KeyRecord = {
  event: "key.rotated" | "key.retired" | "key.dropped" | "key.removed";
  kid: string;
  by: KeyActor;
  /** The key that signs in its place, or signed before it. */
  successor?: string;
  predecessor?: string;
  signsFrom?: Date;
};

/** Who did it: an operator, or a node by itself. */
export type KeyActor = "cli" | "schedule";

/** What the functions that change keys work with. */
export interface KeyDeps {
  store: SigningKeyStore;
  secrets: Secrets;
  /** Of new keys. */
  algorithm: SigningAlgorithm;
  clock: Clock;
  audit: (record: KeyRecord) => void;
  /** Runs work while no other node, or command, changes keys. */
  exclusively: <T>(work: () => Promise<T>) => Promise<T>;
  /** How long verifiers may go on using a key set that they have fetched. */
  publishAheadMs: number;
}
