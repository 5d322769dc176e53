import { badInput, unauthenticated } from "../errors/latchkey-error.js";
import type { GraphqlContext } from "./context.js";

/**
 * Who wants to sign in: by the input, or by a Basic header, never by both.
 *
 * @throws BAD_USER_INPUT when the input names only one of userid and password, or
 * either beside a Basic header; UNAUTHENTICATED with BAD_LOGIN for a malformed Basic header.
 */
export function readLogin(
  input: { userid?: string | null; password?: string | null } | null,
  basic: GraphqlContext["basic"],
): { userid: string; password: string } {
  const { userid, password } = input ?? {};
  if (basic) {
    const both = [...(userid == null ? [] : ["userid"]), ...(password == null ? [] : ["password"])];
    if (both.length > 0) {
      const message = "Sign in by the input or by the Authorization: Basic header, not by both.";
      throw badInput(
        ...both.map((field) => ({ path: ["input", field], code: "NOT_ALLOWED" as const, message })),
      );
    }
    if (basic === "malformed") throw unauthenticated("BAD_LOGIN", "malformed Basic header");
    return basic;
  }
  if (userid == null || password == null) {
    const missing = [...(userid == null ? ["userid"] : []), ...(password == null ? ["password"] : [])];
    throw badInput(
      ...missing.map((field) => ({
        path: ["input", field],
        code: "REQUIRED" as const,
        message: `${field} is needed, unless an Authorization: Basic header signs in.`,
      })),
    );
  }
  return { userid, password };
}

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
