import { LatchkeyError } from "../errors/latchkey-error.js";
import { PRIVILEGE_TYP, USER_TYP, checkClaims } from "../tokens/jwt/check-claims.js";
import type { VerifiedJwt } from "../tokens/jwt/check-claims.js";
import type { JwsOpener } from "./open-jws.js";
import type { VerifierSettings } from "./options.js";
import type { JudgedToken } from "./revocations.js";
import { uuidWords } from "./uuid-words.js";
import type { VerificationKey } from "./verification-key.js";
import { refuse } from "./verification.js";
import type { Acceptance, PrivilegeViewer, Refusal, RefusalCode, UserViewer } from "./verification.js";

/** Everything about a token that stays true: its times, its key and revocations are looked at at each use. */
export interface VerifiedToken extends JudgedToken {
  /** The token itself. */
  text: string;
  key: VerificationKey;
  /** Seconds; null when it does not expire by itself. */
  exp: number | null;
  acceptance: Acceptance<PrivilegeViewer | UserViewer>;
}

type TokenSettings = Pick<VerifierSettings, "issuer" | "audience" | "tokens" | "clock">;

function viewerOf(jwt: VerifiedJwt): PrivilegeViewer | UserViewer {
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
    scopes: Object.freeze(jwt.scope === "" ? [] : jwt.scope.split(" ")),
    sid: jwt.sid,
    tokenId: jwt.jti,
    issuedAt,
    expiresAt: jwt.exp * 1000,
  });
}

/** The refusal that an error stands for; a defect is thrown on. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof LatchkeyError) || error.code !== "UNAUTHENTICATED") throw error;
  return refuse(error.reason === "TOKEN_EXPIRED" ? "TOKEN_EXPIRED" : "INVALID_CREDENTIAL", error.detail);
}

const otherType = (typ: string): RefusalCode =>
  typ === USER_TYP || typ === PRIVILEGE_TYP ? "WRONG_TOKEN_TYPE" : "INVALID_CREDENTIAL";

/** Verifies a token that has not been seen before: form, type, key, signature, claims and times. Never throws for it. */
export function verifyToken(open: JwsOpener, settings: TokenSettings, text: string): VerifiedToken | Refusal {
  try {
    const opened = open(text, settings.tokens === "user" ? USER_TYP : PRIVILEGE_TYP);
    if (opened.kind === "unknown key") return refuse("UNKNOWN_KEY");
    if (opened.kind === "other type") return refuse(otherType(opened.typ));
    const expected = { issuer: settings.issuer, audiences: [settings.audience] };
    const typ = settings.tokens === "user" ? USER_TYP : PRIVILEGE_TYP;
    const jwt = checkClaims(typ, opened.payload, expected, settings.clock());
    return {
      text,
      key: opened.key,
      sid: uuidWords(jwt.sid),
      sub: uuidWords(jwt.sub),
      ver: jwt.kind === "user" ? jwt.ver : null,
      iat: jwt.iat,
      exp: jwt.exp,
      acceptance: Object.freeze({ ok: true, viewer: viewerOf(jwt) }),
    };
  } catch (error) {
    return refusalOf(error);
  }
}
