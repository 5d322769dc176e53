import type { Logger } from "pino";
import type { Audit } from "../audit/audit.js";
import type { Client } from "../entities/client.js";
import type { KeyedDigest } from "../keys/keyed-digest.js";
import type { Clock } from "../lib/clock.js";

/** The storage that clients need. Every method that writes is one transaction. */
export interface ClientStore {
  add(client: Client): Promise<void>;
  /** All of them, revoked ones too, oldest first. */
  list(): Promise<Client[]>;
  /** The rows of these ids, in one query that starts after the call. Unknown ids are left out. */
  find(ids: readonly string[]): Promise<Map<string, Client>>;
  /** Answers the row as it stands; `changed` is false when it had been revoked before. Null: no such client. */
  revoke(id: string, now: Date): Promise<{ client: Client; changed: boolean } | null>;
  /** Compare and swap of the secret's digest; does nothing when it is no longer `from`. */
  replaceSecretHash(id: string, from: string, to: string): Promise<void>;
  /** Moves `lastUsageTime` of these clients forward to `at`. */
  touch(ids: readonly string[], at: Date): Promise<void>;
}

/** What the functions of this folder work with. */
export interface ClientDeps {
  store: ClientStore;
  /** `store.find`, shared by the requests that wait. */
  lookup: (id: string) => Promise<Client | undefined>;
  /** How the secrets of clients are kept. */
  secrets: KeyedDigest;
  clock: Clock;
  audit: Audit;
  log: Logger;
}
