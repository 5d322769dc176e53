import { PRIVILEGE_TYP, USER_TYP, checkClaims, type VerifiedJwt } from "#wire/check-claims.js";
import { InvalidTokenError } from "#wire/invalid-token-error.js";
import type { JwsOpener } from "./open-jws.js";
import type { VerifierSettings } from "./options.js";
import type { JudgedIds, JudgedToken } from "./revocations.js";
import type { VerificationKey } from "./verification-key.js";
import { refuse, type PrivilegeViewer, type Refusal, type UserViewer } from "./verification.js";

/**
 * What is remembered of a token: what has been found once stays true, and its times, its key and revocations are
 * looked at at each use. The garbage collector copies everything that is kept about, so there is little of it.
 */
export interface VerifiedToken extends JudgedToken {
  /** The token itself. */
  text: string;
  key: VerificationKey;
  /** Seconds. */
  iat: number;
  /** Seconds; null when it does not expire by itself. */
  exp: number | null;
  viewer: PrivilegeViewer | UserViewer;
  /** Null until the token is presented again: many never are, and theirs would be kept in vain. */
  ids: JudgedIds | null;
}

type TokenSettings = Pick<VerifierSettings, "issuer" | "audience" | "tokens">;

/**
 * Verifies a token that has not been seen before: form, type, key, signature, claims, and times against `now`
 * (milliseconds). Never throws for it.
 */
type TokenVerifier = (text: string, now: number) => VerifiedToken | Refusal;

/** Reads a claim `scope`. Most tokens have the same one as the token before, and share the list. */
function createScopeReader(): (scope: string) => readonly string[] {
  let latest = { scope: "", scopes: Object.freeze<string[]>([]) };
  return (scope) => {
    if (scope !== latest.scope)
      latest = { scope, scopes: Object.freeze(scope === "" ? [] : scope.split(" ")) };
    return latest.scopes;
  };
}

function viewerOf(
  jwt: VerifiedJwt,
  readScopes: (scope: string) => readonly string[],
): PrivilegeViewer | UserViewer {
  const issuedAt = jwt.iat * 1000;
  if (jwt.kind === "user") {
    const expiresAt = jwt.exp === null ? null : jwt.exp * 1000;
    return Object.freeze({ userId: jwt.sub, sid: jwt.sid, version: jwt.ver, issuedAt, expiresAt });
  }
  return Object.freeze({
    userId: jwt.sub,
    username: jwt.username,
    role: jwt.role,
    privilegeLevel: jwt.privilegeLevel,
    scopes: readScopes(jwt.scope),
    sid: jwt.sid,
    tokenId: jwt.jti,
    issuedAt,
    expiresAt: jwt.exp * 1000,
  });
}

/** The refusal that an error stands for; a defect is thrown on. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof InvalidTokenError)) throw error;
  return refuse(error.reason, error.detail);
}

/** The refusal of what the issuer signed as something else: its client is honest, and can be told what to send. */
function otherType(typ: string, expected: TokenSettings["tokens"]): Refusal {
  if (typ !== USER_TYP && typ !== PRIVILEGE_TYP)
    return refuse("INVALID_CREDENTIAL", "the issuer signed it, but not as a token");
  const found = typ === USER_TYP ? "user" : "privilege";
  const detail = `a ${found} token, where ${expected} tokens are taken`;
  return { ok: false, code: "WRONG_TOKEN_TYPE", detail, expected };
}

/** Makes what verifies new tokens by the settings. */
export function createTokenVerifier(open: JwsOpener, settings: TokenSettings): TokenVerifier {
  const { issuer, audience } = settings;
  const typ = settings.tokens === "user" ? USER_TYP : PRIVILEGE_TYP;
  const expected = { issuer, audiences: [audience] };
  const readScopes = createScopeReader();
  return (text, now) => {
    try {
      const opened = open(text, typ);
      if (opened.kind === "unknown key") return refuse("UNKNOWN_KEY");
      if (opened.kind === "other type") return otherType(opened.typ, settings.tokens);
      const jwt = checkClaims(typ, opened.payload, expected, now);
      const { iat, exp } = jwt;
      return { text, key: opened.key, iat, exp, viewer: viewerOf(jwt, readScopes), ids: null };
    } catch (error) {
      return refusalOf(error);
    }
  };
}
