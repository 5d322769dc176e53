import { randomUUID } from "node:crypto";
import {
  CompactSign,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  type CryptoKey,
  type JWK,
} from "jose";

export const AUDIENCE = "supergraph";

export interface SigningPair {
  kid: string;
  alg: "ES256" | "RS256";
  jwk: JWK;
  privateKey: CryptoKey;
}

export async function makePair(alg: "ES256" | "RS256" = "ES256"): Promise<SigningPair> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { modulusLength: 2048 });
  const members = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(members);
  return { kid, alg, jwk: { ...members, kid, use: "sig", alg }, privateKey };
}

/** Signs a payload, text or object, under the header that the key asks for; `header` changes it. */
export async function signAs(
  pair: SigningPair,
  typ: string,
  payload: object | string,
  header: Record<string, unknown> = {},
): Promise<string> {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  return new CompactSign(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: pair.alg, kid: pair.kid, typ, ...header })
    .sign(pair.privateKey);
}

/** Whole seconds, now. */
export const nowSeconds = (): number => Math.floor(Date.now() / 1000);

/** The claims of a privilege token of five minutes that nothing is wrong with. */
export const privilegeClaims = (issuer: string, changes: object = {}) => ({
  iss: issuer,
  aud: AUDIENCE,
  sub: randomUUID(),
  sid: randomUUID(),
  jti: randomUUID(),
  role: "user",
  privilegeLevel: 1,
  scope: "account:read tokens:manage",
  username: "ann",
  iat: nowSeconds(),
  exp: nowSeconds() + 300,
  ...changes,
});

/** The claims of a user token of an hour that nothing is wrong with. */
export const userClaims = (issuer: string, changes: object = {}) => ({
  iss: issuer,
  aud: issuer,
  sub: randomUUID(),
  sid: randomUUID(),
  ver: 0,
  iat: nowSeconds(),
  exp: nowSeconds() + 3600,
  ...changes,
});
