import { createHmac, sign, type KeyObject } from "node:crypto";
import type { SigningAlgorithm } from "../../../../src/config/config.js";
import { createKeyRing } from "../../../../src/keys/key-ring.js";
import { generateSigningKey } from "../../../../src/keys/signing-key.js";
import { deriveSecrets } from "../../../../src/keys/secrets.js";
import { createJwtVerifier } from "../../../../src/tokens/jwt/verify-jwt.js";
import { createMemoryKeyStore } from "../../keys/memory-key-store.js";

export const NOW = Date.parse("2030-01-01T12:00:00Z");
export const IAT = NOW / 1000;
export const ISSUER = "https://auth.example";
export const AUDIENCE = "supergraph";
export const SUB = "0198c0de-0000-7000-8000-000000000001";
export const SID = "7b1f6b58-5f0c-4b8e-9d55-0c6c3a5d1a02";

export const USER_CLAIMS = { iss: ISSUER, aud: ISSUER, sub: SUB, sid: SID, ver: 0, iat: IAT, exp: IAT + 60 };
export const PRIVILEGE_CLAIMS = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: SUB,
  sid: SID,
  jti: "one",
  role: "admin",
  privilegeLevel: 2,
  scope: "account:read users:read",
  username: "ann",
  iat: IAT,
  exp: IAT + 60,
};

/** A verifier over a real key ring, with its keys and its clock under the control of the test. */
export async function makeJwtSetup(algorithm: SigningAlgorithm = "ES256", cacheSize?: number) {
  const secrets = deriveSecrets(["the-current-secret-of-enough-length-01"]);
  const store = createMemoryKeyStore();
  const time = { now: NOW };
  const clock = () => time.now;
  const ring = createKeyRing({ store, secrets, clock });
  async function addKey(of: SigningAlgorithm, activeFrom: number): Promise<string> {
    const key = await generateSigningKey(secrets, { algorithm: of, createdAt: NOW, activeFrom });
    await store.add(key);
    await ring.load();
    return key.kid;
  }
  await addKey(algorithm, NOW);
  const look = { count: 0 };
  const keys = { publicKey: (kid: string) => ((look.count += 1), ring.publicKey(kid)) };
  const verifier = createJwtVerifier({ keys, issuer: ISSUER, audiences: [AUDIENCE], clock, cacheSize });
  return { store, ring, time, look, addKey, verifier };
}

export type JwtSetup = Awaited<ReturnType<typeof makeJwtSetup>>;

export const encode = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** A genuine signature over whatever bytes the segments hold. */
export function signRaw(header: string, payload: string, algorithm: string, key: KeyObject): string {
  const input = `${encode(header)}.${encode(payload)}`;
  const dsaEncoding = algorithm === "ES256" ? "ieee-p1363" : undefined;
  return `${input}.${sign("sha256", Buffer.from(input), { key, dsaEncoding }).toString("base64url")}`;
}

export function hmacRaw(header: object, payload: object, secret: string | Buffer): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}

/** A token signed by the gateway's own key: only what the caller changes is wrong with it. */
export function signClaims(
  setup: JwtSetup,
  claims: object | string = USER_CLAIMS,
  header: Record<string, unknown> | string = {},
): string {
  const { kid, algorithm, privateKey } = setup.ring.current();
  const text =
    typeof header === "string" ? header : JSON.stringify({ alg: algorithm, typ: "user+jwt", kid, ...header });
  return signRaw(text, typeof claims === "string" ? claims : JSON.stringify(claims), algorithm, privateKey);
}

export const signPrivilege = (setup: JwtSetup, claims: object = PRIVILEGE_CLAIMS): string =>
  signClaims(setup, claims, { typ: "privilege+jwt" });

/** `claims` without one of its names. */
export const without = (claims: object, name: string): object =>
  Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));

export const refused = (reason: "INVALID_CREDENTIAL" | "TOKEN_EXPIRED" = "INVALID_CREDENTIAL"): Error =>
  expect.objectContaining({ code: "UNAUTHENTICATED", reason });

/** The same, as the reading of a token throws it. */
export const invalid = (): Error =>
  expect.objectContaining({ name: "InvalidTokenError", reason: "INVALID_CREDENTIAL" });
