import type { Logger } from "pino";
import type { Audit } from "../audit/audit.js";
import type { Client } from "../entities/client.js";
import type { KeyedDigest } from "../keys/keyed-digest.js";
import type { Clock } from "../lib/clock.js";
import type { ClientStore } from "./client-store.js";

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
