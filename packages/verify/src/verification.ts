import type { RoleName } from "#wire/check-claims.js";

/** The complete list of reasons why a request has no viewer. The texts are for people; programs check the code. */
export const REFUSALS = {
  NO_CREDENTIAL: "The request presents no credential.",
  INVALID_CREDENTIAL: "The credential is not a token that the issuer signed for this audience.",
  WRONG_TOKEN_TYPE: "The credential is a valid token, but not of the type that this service accepts.",
  UNKNOWN_KEY: "The token names a key that the issuer does not publish.",
  TOKEN_EXPIRED: "The token has expired.",
  TOKEN_DISABLED: "The token is disabled.",
  TOKEN_REVOKED: "The token has been revoked.",
  NOT_READY: "The verifier has no keys: it has not reached the gateway yet, or it was closed.",
  KEYS_STALE: "The issuer's keys are out of date, so no token is accepted.",
  FEED_STALE: "The revocation feed is out of date, so no token is accepted.",
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** The request has no viewer. */
export interface Refusal {
  readonly ok: false;
  readonly code: RefusalCode;
  /** For the log. It never repeats content of the credential. */
  readonly detail?: string;
  /** With `WRONG_TOKEN_TYPE`: the type of token that this service accepts. */
  readonly expected?: "privilege" | "user";
}

/** The request has a viewer. All requests with the same token share the object, so it is frozen. */
export interface Acceptance<V> {
  readonly ok: true;
  readonly viewer: V;
}

/** The result of verifying a request. Without a credential it is the refusal `NO_CREDENTIAL`. */
export type Verification<V> = Acceptance<V> | Refusal;

/** The caller, as a privilege token describes them. */
export interface PrivilegeViewer {
  readonly userId: string;
  readonly username: string;
  readonly role: RoleName;
  /** 0 to 3, higher is stronger. */
  readonly privilegeLevel: number;
  readonly scopes: readonly string[];
  /** Key of the user token from which the privilege token was created. */
  readonly sid: string;
  /** `jti`: the id of this token. */
  readonly tokenId: string;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** The caller, as a user token describes them. It names no role, because a role may change during its long life. */
export interface UserViewer {
  readonly userId: string;
  /** Key of the user token. */
  readonly sid: string;
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  /** Milliseconds since 1970; null when it does not expire by itself. */
  readonly expiresAt: number | null;
}

const PLAIN = new Map(
  (Object.keys(REFUSALS) as RefusalCode[]).map((code) => [code, Object.freeze<Refusal>({ ok: false, code })]),
);

/** Creates a refusal. Without a detail it is always the same object for a code. */
export function refuse(code: RefusalCode, detail?: string): Refusal {
  return detail === undefined ? (PLAIN.get(code) as Refusal) : { ok: false, code, detail };
}
