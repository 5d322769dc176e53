import type { UnauthenticatedReason } from "#wire/error-codes.js";
import { LatchkeyError, unauthenticated } from "../errors/latchkey-error.js";
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

/** A viewer that holds a valid user token. */
export type UserViewer = Extract<Viewer, { kind: "user" }>;

/**
 * The caller, by a user token.
 * @throws UNAUTHENTICATED with the reason why there is none. A privilege token is none.
 */
export function requireUser(viewer: Viewer): UserViewer {
  if (viewer.kind === "user") return viewer;
  if (viewer.kind !== "delegated") throw refusalOf(viewer);
  throw new LatchkeyError("UNAUTHENTICATED", {
    reason: "INVALID_CREDENTIAL",
    message:
      "A privilege token only reads its own account. Send the user token for this: a login answers it as `token`.",
    detail: "a privilege token only reads",
  });
}

/** The error for a viewer without a valid credential where one is needed. */
export function refusalOf(viewer: Extract<Viewer, { kind: "anonymous" | "invalid" }>): LatchkeyError {
  return viewer.kind === "anonymous"
    ? unauthenticated("NO_CREDENTIAL")
    : unauthenticated(viewer.reason, viewer.detail);
}
