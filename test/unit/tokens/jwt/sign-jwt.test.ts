import { decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { signPrivilegeJwt, signRevocationBatch, signUserJwt } from "../../../../src/tokens/jwt/sign-jwt.js";
import { AUDIENCE, IAT, ISSUER, NOW, SID, SUB, makeJwtSetup } from "./sign-claims.js";

const USER = { issuer: ISSUER, sub: SUB, sid: SID, ver: 3, issuedAt: NOW, expiresAt: NOW + 60_000 };
const PRIVILEGE = {
  issuer: ISSUER,
  sub: SUB,
  sid: SID,
  jti: "one",
  audience: AUDIENCE,
  role: "admin",
  privilegeLevel: 2,
  scopes: ["account:read", "users:read"],
  username: "Ånn \u{1f511}",
  issuedAt: NOW,
  expiresAt: NOW + 300_000,
} as const;

describe.each(["ES256", "RS256"] as const)("JWTs signed with %s", (algorithm) => {
  it("carry exactly the claims of a user token, and verify", async () => {
    const { ring, verifier } = await makeJwtSetup(algorithm);
    const token = signUserJwt(ring.current(), USER);
    expect(decodeProtectedHeader(token)).toEqual({
      alg: algorithm,
      typ: "user+jwt",
      kid: ring.current().kid,
    });
    const claims = { sub: SUB, sid: SID, ver: 3, iat: IAT, exp: IAT + 60 };
    expect(decodeJwt(token)).toEqual({ iss: ISSUER, aud: ISSUER, ...claims });
    expect(verifier.verify(token)).toEqual({ kind: "user", kid: ring.current().kid, ...claims });
  });

  it("carry exactly the claims of a privilege token, and verify", async () => {
    const { ring, verifier } = await makeJwtSetup(algorithm);
    const token = signPrivilegeJwt(ring.current(), PRIVILEGE);
    expect(decodeProtectedHeader(token).typ).toBe("privilege+jwt");
    const claims = {
      sub: SUB,
      sid: SID,
      jti: "one",
      role: "admin",
      privilegeLevel: 2,
      scope: "account:read users:read",
      username: "Ånn \u{1f511}",
      iat: IAT,
      exp: IAT + 300,
    };
    expect(decodeJwt(token)).toEqual({ iss: ISSUER, aud: AUDIENCE, ...claims });
    const { kid } = ring.current();
    expect(verifier.verify(token)).toEqual({ kind: "privilege", kid, aud: AUDIENCE, ...claims });
  });
});

describe("signUserJwt", () => {
  it("leaves exp out of a token that does not expire", async () => {
    const { ring, verifier } = await makeJwtSetup();
    const token = signUserJwt(ring.current(), { ...USER, expiresAt: null });
    expect(decodeJwt(token)).not.toHaveProperty("exp");
    expect(verifier.verify(token)).toMatchObject({ kind: "user", exp: null });
  });

  it.each([
    [NOW + 999, NOW + 60_999, IAT, IAT + 60],
    [NOW + 100, NOW + 900, IAT - 1, IAT],
    [NOW, NOW + 1_000, IAT, IAT + 1],
    [NOW, Date.parse("+012345-01-01T00:00:00Z"), IAT, 253_402_300_799],
  ])("issued at %i, ending at %i: never outlives the row nor ends before it begins", async (...row) => {
    const [issuedAt, expiresAt, iat, exp] = row;
    const { ring } = await makeJwtSetup();
    const token = signUserJwt(ring.current(), { ...USER, issuedAt, expiresAt });
    expect(decodeJwt(token)).toMatchObject({ iat, exp });
  });
});

describe("signPrivilegeJwt", () => {
  it("writes no scopes as an empty string", async () => {
    const { ring, verifier } = await makeJwtSetup();
    const token = signPrivilegeJwt(ring.current(), { ...PRIVILEGE, scopes: [] });
    expect(verifier.verify(token)).toMatchObject({ scope: "" });
  });
});

describe("signRevocationBatch", () => {
  const BATCH = { issuer: ISSUER, issuedAt: NOW + 999, after: 41, to: 9_007_199_254_740_991, more: true };
  const entries = [{ kind: "token", sid: SID, exp: null }];

  it("signs exactly what the format has, with positions as strings and its own typ", async () => {
    const { ring } = await makeJwtSetup();
    const jws = signRevocationBatch(ring.current(), { ...BATCH, entries });
    const { kid } = ring.current();
    const { protectedHeader, payload } = await jwtVerify(jws, ring.publicKey(kid)!.key);
    expect(protectedHeader).toEqual({ alg: "ES256", typ: "revocations+jwt", kid });
    const positions = { after: "41", to: "9007199254740991" };
    expect(payload).toEqual({ iss: ISSUER, iat: IAT, v: 1, ...positions, more: true, entries });
  });

  it("is no token to the gateway", async () => {
    const { ring, verifier } = await makeJwtSetup();
    const jws = signRevocationBatch(ring.current(), { ...BATCH, entries });
    expect(() => verifier.verify(jws)).toThrow(expect.objectContaining({ reason: "INVALID_CREDENTIAL" }));
  });
});
