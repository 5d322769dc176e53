import { badInput } from "../errors/latchkey-error.js";
import type { GraphqlContext } from "./context.js";

/**
 * Refuses to sign in with a session cookie that the browser would drop: the client would believe itself signed in.
 *
 * @throws BAD_USER_INPUT with `CROSS_SITE` at `input.session`.
 */
export function refuseDroppedSession({ mayBeKept }: GraphqlContext["cookie"], asked: boolean): void {
  if (!asked || mayBeKept()) return;
  throw badInput({
    path: ["input", "session"],
    code: "CROSS_SITE",
    message:
      "This page is on another site than the gateway, so its browser gets no session cookie. " +
      "Leave session out and send the token in a header, or see SESSION_SAME_SITE.",
  });
}
