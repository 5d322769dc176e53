import { LatchkeyError, unauthenticated } from "../errors/latchkey-error.js";
import type { Viewer } from "./viewer.js";

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

/** Why a viewer that is nobody is refused where somebody is needed. */
export function refusalOf(viewer: Extract<Viewer, { kind: "anonymous" | "invalid" }>): LatchkeyError {
  return viewer.kind === "anonymous"
    ? unauthenticated("NO_CREDENTIAL")
    : unauthenticated(viewer.reason, viewer.detail);
}
