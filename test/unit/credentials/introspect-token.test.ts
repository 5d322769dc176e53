import { introspectToken, type TokenIntrospection } from "../../../src/credentials/introspect-token.js";
import type { SignedJwt } from "../../../src/tokens/jwt/verify-jwt.js";
import { KEY, NOW, USER_ID, standingWith } from "../tokens/records.js";

const SECOND = Math.floor(NOW / 1_000);
const JWT = { kind: "user", kid: "k", sub: USER_ID, sid: KEY, ver: 0, iat: SECOND - 10 } as const;

/** The `exp` of what is answered for a JWT and a row that end then (seconds, milliseconds); null for never. */
async function endOf(jwtEnd: number | null, rowEnd: number | null) {
  const jwt: SignedJwt = { ...JWT, exp: jwtEnd };
  const record = standingWith({ expirationTime: rowEnd === null ? null : new Date(rowEnd) });
  const deps = {
    config: { issuer: "https://issuer.example", tokens: { rotationReuse: "refuse" } },
    verifier: { verify: () => jwt },
    check: async () => record,
    tokens: { clock: () => NOW, store: { revoke: async () => null }, audit: () => undefined },
    used: () => undefined,
  } satisfies TokenIntrospection;
  const answer = await introspectToken(deps, "x");
  return answer.active ? answer.exp : "inactive";
}

describe("introspectToken", () => {
  it("tells the nearer of the two ends, and none of a token that has none", async () => {
    expect(await endOf(null, null)).toBeUndefined();
    expect(await endOf(SECOND + 60, null)).toBe(SECOND + 60);
    expect(await endOf(null, NOW + 60_999)).toBe(Math.floor((NOW + 60_999) / 1_000));
    expect(await endOf(SECOND + 60, NOW + 30_000)).toBe(SECOND + 30);
    expect(await endOf(SECOND + 30, NOW + 60_000)).toBe(SECOND + 30);
    expect(await endOf(SECOND + 60, NOW)).toBe("inactive");
  });
});
