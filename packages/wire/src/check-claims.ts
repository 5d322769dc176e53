import { InvalidTokenError, invalidToken } from "./invalid-token-error.js";
import type { JsonObject } from "./parse-jwt.js";
import { integerClaim, refuseClaim, secondClaim, textClaim, uuidClaim } from "./read-claims.js";

export const USER_TYP = "user+jwt";
export const PRIVILEGE_TYP = "privilege+jwt";

/** How far the clock of the node that issued a token may be ahead of ours. */
export const IAT_LEEWAY_MS = 30_000;
/** The largest version of a token. */
export const MAX_VERSION: number = 2 ** 31 - 1;
const MAX_PRIVILEGE_LEVEL = 3;
const ROLES = ["viewer", "user", "admin", "root"] as const;
const SCOPE = /^(?:[^\s]+(?: [^\s]+)*)?$/;

/** The roles of users, the weakest first. */
export type RoleName = (typeof ROLES)[number];

/** The claims of a user token. Times are seconds, as claimed. */
export interface VerifiedUserJwt {
  kind: "user";
  sub: string;
  sid: string;
  ver: number;
  iat: number;
  exp: number | null;
}

/** The claims of a privilege token for an expected audience. Times are seconds, as claimed. */
export interface VerifiedPrivilegeJwt {
  kind: "privilege";
  aud: string;
  sub: string;
  sid: string;
  jti: string;
  role: RoleName;
  privilegeLevel: number;
  /** Names separated by one space; may be empty. */
  scope: string;
  username: string;
  iat: number;
  exp: number;
}

/** The claims of a verified JWT. Callers must check `kind`: the two types grant different access. */
export type VerifiedJwt = VerifiedUserJwt | VerifiedPrivilegeJwt;

/** The values that the claims must have. */
export interface Expectations {
  issuer: string;
  /** A privilege token must have one of these audiences. The audience of a user token is the issuer. */
  audiences: readonly string[];
}

function roleClaim(value: unknown): RoleName {
  return ROLES.find((role) => role === value) ?? refuseClaim("role");
}

function userClaims(claims: JsonObject, { issuer }: Expectations): VerifiedUserJwt {
  textClaim("aud", claims.aud, (value) => value === issuer);
  return {
    kind: "user",
    sub: uuidClaim("sub", claims.sub),
    sid: uuidClaim("sid", claims.sid),
    ver: integerClaim("ver", claims.ver, MAX_VERSION),
    iat: secondClaim("iat", claims.iat),
    exp: claims.exp === undefined ? null : secondClaim("exp", claims.exp),
  };
}

function privilegeClaims(claims: JsonObject, { audiences }: Expectations): VerifiedPrivilegeJwt {
  return {
    kind: "privilege",
    aud: textClaim("aud", claims.aud, (value) => audiences.includes(value)),
    sub: uuidClaim("sub", claims.sub),
    sid: uuidClaim("sid", claims.sid),
    jti: textClaim("jti", claims.jti, (value) => value !== ""),
    role: roleClaim(claims.role),
    privilegeLevel: integerClaim("privilegeLevel", claims.privilegeLevel, MAX_PRIVILEGE_LEVEL),
    scope: textClaim("scope", claims.scope, (value) => SCOPE.test(value)),
    username: textClaim("username", claims.username, (value) => value !== ""),
    iat: secondClaim("iat", claims.iat),
    exp: secondClaim("exp", claims.exp),
  };
}

/**
 * Checks the two times of a JWT against the clock. Expiry has no leeway: at `exp` the token has expired.
 *
 * @param now milliseconds.
 * @param latest milliseconds; the time up to which a token may have been issued. It differs from `now` when the clock
 *   was set back.
 * @throws InvalidTokenError `TOKEN_EXPIRED`, or `INVALID_CREDENTIAL` when `iat` is more than 30 s ahead of `latest`.
 */
export function checkTimes(
  claims: Pick<VerifiedJwt, "iat" | "exp">,
  now: number,
  latest: number = now,
): void {
  if (claims.iat * 1000 > latest + IAT_LEEWAY_MS) refuseClaim("iat");
  if (claims.exp !== null && claims.exp * 1000 <= now) throw new InvalidTokenError("TOKEN_EXPIRED");
}

/**
 * Checks every claim of a JWT with a valid signature, by its type (RFC 8725 sections 3.8 to 3.12). It uses no keys and
 * no storage.
 *
 * @param typ of the header. It is compared exactly, because the gateway signs this spelling only.
 * @param now milliseconds.
 * @param latest as in `checkTimes`.
 * @throws InvalidTokenError `TOKEN_EXPIRED` when nothing else is wrong, otherwise `INVALID_CREDENTIAL`. `nbf` is
 *   refused: the gateway never signs one, and a restricting claim must not be ignored.
 */
export function checkClaims(
  typ: string,
  claims: JsonObject,
  expected: Expectations,
  now: number,
  latest: number = now,
): VerifiedJwt {
  if (typ !== USER_TYP && typ !== PRIVILEGE_TYP) {
    throw invalidToken("typ is of another kind of token");
  }
  textClaim("iss", claims.iss, (value) => value === expected.issuer);
  if (claims.nbf !== undefined) refuseClaim("nbf");
  const verified = typ === USER_TYP ? userClaims(claims, expected) : privilegeClaims(claims, expected);
  checkTimes(verified, now, latest);
  return verified;
}
