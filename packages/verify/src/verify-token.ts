import { PRIVILEGE_TYP, USER_TYP, checkClaims, type VerifiedJwt } from "#wire/check-claims.js";
import { InvalidTokenError } from "#wire/invalid-token-error.js";
import type { JwsOpener } from "./open-jws.js";
import type { VerifierSettings } from "./options.js";
import type { JudgedIds, JudgedToken } from "./revocations.js";
import type { VerificationKey } from "./verification-key.js";
import { refuse, type PrivilegeViewer, type Refusal, type UserViewer } from "./verification.js";

/**
 * The cached result for a token. Its signature and claims need no second check; its times, its key and revocations are
 * checked at each use. It is small, because the garbage collector has to copy what is cached.
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
  /** Null until the token is presented for the second time. Many never are, so this saves memory. */
  ids: JudgedIds | null;
}

type TokenSettings = Pick<VerifierSettings, "issuer" | "audience" | "tokens">;

/**
 * Verifies a token that is not in the cache: form, type, key, signature, claims, and times at `now` (milliseconds). It
 * never throws for a bad token.
 */
type TokenVerifier = (text: string, now: number) => VerifiedToken | Refusal;

/** Splits a claim `scope`. A token with the same scopes as the one before shares its list. */
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

/** Converts an InvalidTokenError to a refusal. Any other error is a defect and is rethrown. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof InvalidTokenError)) throw error;
  return refuse(error.reason, error.detail);
}

/** The refusal of a token that the issuer signed with another `typ`. It may say what to send, as the client is honest. */
function otherType(typ: string, expected: TokenSettings["tokens"]): Refusal {
  if (typ !== USER_TYP && typ !== PRIVILEGE_TYP)
    return refuse("INVALID_CREDENTIAL", "the issuer signed it, but not as a token");
  const found = typ === USER_TYP ? "user" : "privilege";
  const detail = `a ${found} token, where ${expected} tokens are taken`;
  return { ok: false, code: "WRONG_TOKEN_TYPE", detail, expected };
}

/** Creates the function that verifies new tokens by the settings. */
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
