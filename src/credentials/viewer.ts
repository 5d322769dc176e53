import type { UnauthenticatedReason } from "../errors/codes.js";
import type { TokenRecord } from "../tokens/token-store.js";
import type { Mechanism } from "./read-credential.js";

/** What authenticating a request found. */
export type Viewer =
  /** No credential was presented. */
  | { kind: "anonymous" }
  /** A credential was presented and refused. `detail` is for the log; `neverIssued`: it is no token of ours. */
  | { kind: "invalid"; reason: UnauthenticatedReason; detail?: string; neverIssued: boolean }
  /** A valid user token. */
  | { kind: "user"; record: TokenRecord; version: number; mechanism: Mechanism }
  /** A privilege token whose user token is still valid: it may read about its subject and nothing else. */
  | { kind: "delegated"; record: TokenRecord; mechanism: Mechanism };
