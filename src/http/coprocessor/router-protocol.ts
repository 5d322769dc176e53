import type { Viewer } from "../../credentials/viewer.js";
import type { LatchkeyError } from "../../errors/latchkey-error.js";
import { toGraphqlError } from "../../errors/to-graphql-error.js";
import { INVALID_TOKEN_CHALLENGE } from "../www-authenticate.js";
import type { RouterHeaders, StageMessage } from "./coprocessor-message.js";

/** The sender of a client's request. */
export type RouterCaller =
  | { kind: "anonymous" }
  /** A bad credential; `signsIn`: a user name and password, which are good for signing in. */
  | { kind: "invalid"; viewer: Extract<Viewer, { kind: "invalid" }>; signsIn: boolean }
  /** `token` is a valid privilege token of the default audience. */
  | { kind: "known"; token: string };

/** How one router is answered. */
export interface RouterProtocol {
  /**
   * Lets the request go on, with the identity of its sender.
   * @throws UNAUTHENTICATED when the router would otherwise believe an identity that was not checked.
   */
  proceed(message: StageMessage, caller: RouterCaller, cookieName: string): object;
  /** Ends the request. */
  refuse(message: StageMessage, error: LatchkeyError): object;
}

/** The body and the headers of a refusal, as the client gets them from the router. */
export function refusalFor(error: LatchkeyError): {
  body: { errors: object[] };
  headers: RouterHeaders;
} {
  return {
    body: { errors: [toGraphqlError(error)] },
    headers: {
      "content-type": ["application/json"],
      "cache-control": ["no-store"],
      ...(error.status === 401 ? { "www-authenticate": [INVALID_TOKEN_CHALLENGE] } : {}),
      ...(error.retryAfter === undefined ? {} : { "retry-after": [String(error.retryAfter)] }),
    },
  };
}
