import { REVOCATIONS_FORMAT, REVOCATIONS_TYP, type BatchClaims } from "#wire/feed-batch.js";
import jsonwebtoken from "jsonwebtoken";
import type { Role } from "../../entities/role.js";
import type { Signer } from "../../keys/key-ring.js";
import { PRIVILEGE_TYP, USER_TYP } from "#wire/check-claims.js";
import { LAST_SECOND } from "#wire/read-claims.js";

export interface UserJwtContent {
  issuer: string;
  /** User id. */
  sub: string;
  /** `UserToken.key`. */
  sid: string;
  /** `UserToken.version`. */
  ver: number;
  /** Milliseconds. */
  issuedAt: number;
  /** Milliseconds; null for a token that does not expire by itself. */
  expiresAt: number | null;
}

export interface PrivilegeJwtContent {
  issuer: string;
  sub: string;
  sid: string;
  jti: string;
  audience: string;
  role: `${Role}`;
  privilegeLevel: number;
  scopes: readonly string[];
  username: string;
  /** Milliseconds. */
  issuedAt: number;
  /** Milliseconds. */
  expiresAt: number;
}

export interface RevocationBatchContent {
  issuer: string;
  /** Milliseconds. */
  issuedAt: number;
  /** The position after which the batch begins. */
  after: number;
  /** The position up to which it is complete. */
  to: number;
  /** Whether the next batch can be had at once. */
  more: boolean;
  entries: readonly object[];
}

/**
 * Whole seconds that never outlive the row: `exp` is rounded down. When that leaves less than a second,
 * `iat` steps back rather than `exp` forward, for a JWT that ends before it begins is a broken one.
 */
function timeClaims(issuedAt: number, expiresAt: number): { iat: number; exp: number } {
  const exp = Math.min(Math.floor(expiresAt / 1000), LAST_SECOND);
  return { iat: Math.min(Math.floor(issuedAt / 1000), exp - 1), exp };
}

function sign({ kid, algorithm, privateKey }: Signer, typ: string, claims: object): string {
  return jsonwebtoken.sign(claims, privateKey, { algorithm, keyid: kid, header: { alg: algorithm, typ } });
}

/** Signs the JWT of a user token. Its audience is the issuer: only this gateway accepts it. */
export function signUserJwt(signer: Signer, content: UserJwtContent): string {
  const { issuer, sub, sid, ver, issuedAt, expiresAt } = content;
  const times = expiresAt === null ? { iat: Math.floor(issuedAt / 1000) } : timeClaims(issuedAt, expiresAt);
  return sign(signer, USER_TYP, { iss: issuer, aud: issuer, sub, sid, ver, ...times });
}

/**
 * Signs a privilege token for a downstream service. `scope` is one space-separated string (RFC 6749
 * section 3.3): gateways that read scopes out of a JWT do not read an array.
 */
export function signPrivilegeJwt(signer: Signer, content: PrivilegeJwtContent): string {
  const { issuer, sub, sid, jti, audience, role, privilegeLevel, scopes, username, issuedAt, expiresAt } =
    content;
  return sign(signer, PRIVILEGE_TYP, {
    iss: issuer,
    aud: audience,
    sub,
    sid,
    jti,
    role,
    privilegeLevel,
    scope: scopes.join(" "),
    username,
    ...timeClaims(issuedAt, expiresAt),
  });
}

/**
 * Signs a batch of the revocation feed. Positions are strings: they may outgrow the numbers that JSON
 * parsers read exactly.
 */
export function signRevocationBatch(signer: Signer, content: RevocationBatchContent): string {
  const { issuer, issuedAt, after, to, more, entries } = content;
  return sign(signer, REVOCATIONS_TYP, {
    iss: issuer,
    iat: Math.floor(issuedAt / 1000),
    v: REVOCATIONS_FORMAT,
    after: String(after),
    to: String(to),
    more,
    entries,
  } satisfies BatchClaims);
}
