import type { RoleName } from "#wire/check-claims.js";

/** Why a request has no viewer: the whole list. The texts are for people; programs look at the code. */
export const REFUSALS = {
  NO_CREDENTIAL: "Nobody has signed in: the request presents no credential.",
  INVALID_CREDENTIAL: "The credential is not a token that the issuer signed for this audience.",
  WRONG_TOKEN_TYPE: "The credential is a good token of another type than this service takes.",
  UNKNOWN_KEY: "The token names a key that the issuer does not publish.",
  TOKEN_EXPIRED: "The token has expired.",
  TOKEN_DISABLED: "The token is disabled.",
  TOKEN_REVOKED: "The token has been revoked.",
  NOT_READY: "The verifier has no keys: it has not reached the gateway yet, or it has been closed.",
  KEYS_STALE: "The issuer's keys have not been read anew for too long.",
  FEED_STALE: "What has been revoked is not known up to now: nothing is believed without it.",
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** There is no viewer. */
export interface Refusal {
  readonly ok: false;
  readonly code: RefusalCode;
  /** For the log. Repeats nothing of the credential. */
  readonly detail?: string;
  /** With `WRONG_TOKEN_TYPE`: the type of token that this service takes. */
  readonly expected?: "privilege" | "user";
}

/** There is one. The viewer is shared by all requests of its token, and therefore frozen. */
export interface Acceptance<V> {
  readonly ok: true;
  readonly viewer: V;
}

/** What verifying a request found. Without a credential it is the refusal `NO_CREDENTIAL`. */
export type Verification<V> = Acceptance<V> | Refusal;

/** Who is calling, as a privilege token says. */
export interface PrivilegeViewer {
  readonly userId: string;
  readonly username: string;
  readonly role: RoleName;
  /** 0 to 3, higher is stronger. */
  readonly privilegeLevel: number;
  readonly scopes: readonly string[];
  /** Key of the user token that the privilege token was made from. */
  readonly sid: string;
  /** `jti`: this very token. */
  readonly tokenId: string;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Who is calling, as a user token says: it names no role, which may change while it lives. */
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

/** A refusal; without a detail always the same object. */
export function refuse(code: RefusalCode, detail?: string): Refusal {
  return detail === undefined ? (PLAIN.get(code) as Refusal) : { ok: false, code, detail };
}
