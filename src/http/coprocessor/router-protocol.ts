import type { Viewer } from "../../credentials/viewer.js";
import type { LatchkeyError } from "../../errors/latchkey-error.js";
import { printed } from "../../graphql/format-error.js";
import type { RouterHeaders, StageMessage } from "./coprocessor-message.js";

/** Whom a client's request turned out to come from. */
export type Subject =
  | { kind: "nobody" }
  /** A bad credential; `signsIn`: a user name and password, which are good for signing in. */
  | { kind: "invalid"; viewer: Extract<Viewer, { kind: "invalid" }>; signsIn: boolean }
  /** `token` is a valid privilege token of the default audience. */
  | { kind: "known"; token: string };

/** How one router is answered. */
export interface RouterProtocol {
  /**
   * Lets the request go on, as whose it is.
   * @throws UNAUTHENTICATED when the router would otherwise take it for somebody's.
   */
  proceed(message: StageMessage, subject: Subject, cookieName: string): object;
  /** Ends the request. */
  refuse(message: StageMessage, error: LatchkeyError): object;
}

/** The body and the headers of a refusal, as the client gets them from the router. */
export function refusalFor(error: LatchkeyError): {
  body: { errors: object[] };
  headers: RouterHeaders;
} {
  return {
    body: { errors: [printed(error)] },
    headers: {
      "content-type": ["application/json"],
      "cache-control": ["no-store"],
      ...(error.status === 401
        ? { "www-authenticate": ['Bearer realm="latchkey", error="invalid_token"'] }
        : {}),
      ...(error.retryAfter === undefined ? {} : { "retry-after": [String(error.retryAfter)] }),
    },
  };
}
