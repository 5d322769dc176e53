import { authenticate } from "../../../src/credentials/authenticate.js";
import { limitInvalidTokens } from "../../../src/credentials/limit-invalid-tokens.js";
import { createInvalidTokenLimit } from "../../../src/limits/invalid-token-limit.js";
import {
  AUDIENCE,
  encode,
  signClaims,
  signPrivilege,
  makeJwtSetup,
  SID,
  SUB,
  USER_CLAIMS,
  type JwtSetup,
} from "../tokens/jwt/sign-claims.js";
import { standingWith } from "../tokens/records.js";

const MOST = 3;

let gateway: JwtSetup;
/** What the viewer is by a token that one address presents: its kind, or the reason why it is refused. */
let attempt: (token: string) => Promise<string>;

beforeEach(async () => {
  gateway = await makeJwtSetup();
  const { verifier, time } = gateway;
  const services = {
    invalidTokenLimit: createInvalidTokenLimit({ clock: () => time.now, onLimited: () => undefined }, [
      { most: MOST, periodMs: 60_000 },
    ]),
    verifier,
    check: async () => standingWith({ key: SID, userId: SUB }),
    tokens: { clock: () => time.now, store: { revoke: async () => null }, audit: () => undefined },
    config: {
      privilege: { audiences: [AUDIENCE] as const, lifetimeMs: 300_000 },
      sessionRequiresToken: false,
      tokens: {
        lifetimeMs: null,
        maxLivePerUser: 10,
        rotationGraceMs: 0,
        rotationReuse: "refuse" as const,
        retentionMs: 0,
      },
    },
    used: () => undefined,
  };
  attempt = async (token) => {
    const presented = { kind: "token", mechanism: "bearer", token, owner: null, key: null } as const;
    try {
      const viewer = await limitInvalidTokens(
        services,
        () => "192.0.2.1",
        presented,
        () => authenticate(services, presented),
      );
      return viewer.kind === "invalid" ? viewer.reason : viewer.kind;
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
});

/** What the next invalid token is answered. */
const next = () => attempt("a.b.c");
const exhaust = async () => {
  for (let count = 0; count < MOST; count++) expect(await next()).toBe("INVALID_CREDENTIAL");
};
const withSignature = (token: string, signature: string) =>
  `${token.slice(0, token.lastIndexOf("."))}.${signature}`;

describe("a token that somebody presents", () => {
  it.each<[string, () => string]>([
    ["no JWT", () => "a.b.c"],
    ["a broken signature", () => withSignature(signClaims(gateway), "AAAA")],
    ["an unknown key", () => signClaims(gateway, USER_CLAIMS, { kid: "nobody's" })],
    ["claims that we never sign", () => signClaims(gateway, { ...USER_CLAIMS, nbf: 1 })],
    ["another audience", () => signClaims(gateway, { ...USER_CLAIMS, aud: "elsewhere" })],
    ["another kind", () => signClaims(gateway, USER_CLAIMS, { typ: "revocations+jwt" })],
    ["too long", () => `${encode("x".repeat(5_000))}.e30.AAAA`],
  ])("counts when it was never good: %s", async (_what, make) => {
    for (let count = 0; count < MOST; count++) expect(await attempt(make())).toBe("INVALID_CREDENTIAL");
    expect(await attempt(make())).toBe("TOO_MANY_REQUESTS");
  });

  it("does not count when it is good, or has expired", async () => {
    const [good, short] = [
      signClaims(gateway),
      signClaims(gateway, { ...USER_CLAIMS, exp: USER_CLAIMS.iat + 1 }),
    ];
    gateway.time.now += 1_000;
    for (let count = 0; count <= MOST; count++) {
      expect([await attempt(good), await attempt(short)]).toEqual(["user", "TOKEN_EXPIRED"]);
    }
    await exhaust();
  });

  it("does not count when it was verified and its key was dropped since, and is told so beyond the limit", async () => {
    const token = signClaims(gateway);
    expect(await attempt(token)).toBe("user");
    const { kid } = gateway.ring.current();
    await gateway.addKey("ES256", gateway.time.now);
    await gateway.store.drop(kid, new Date(gateway.time.now), null);
    await gateway.ring.load();
    for (let count = 0; count <= MOST; count++) expect(await attempt(token)).toBe("INVALID_CREDENTIAL");
    await exhaust();
    expect([await next(), await attempt(token)]).toEqual(["TOO_MANY_REQUESTS", "INVALID_CREDENTIAL"]);
  });

  it("is verified beyond the limit when it was before, however many others are not even looked at", async () => {
    const [known, unknown] = [signClaims(gateway), signPrivilege(gateway)];
    expect(await attempt(known)).toBe("user");
    await exhaust();
    for (let count = 0; count < 50; count++) expect(await next()).toBe("TOO_MANY_REQUESTS");
    const looks = gateway.look.count;
    expect(await attempt(unknown)).toBe("TOO_MANY_REQUESTS");
    // The key is looked up before a signature is.
    expect(gateway.look.count).toBe(looks);
    expect([await attempt(known), await next()]).toEqual(["user", "TOO_MANY_REQUESTS"]);
    expect(await attempt(withSignature(known, "AAAA"))).toBe("TOO_MANY_REQUESTS");
  });

  it("is judged beyond the limit as long as few are, and known from then on", async () => {
    const unknown = signPrivilege(gateway);
    await exhaust();
    expect([await attempt(unknown), await attempt(withSignature(unknown, "AAAA"))]).toEqual([
      "delegated",
      "TOO_MANY_REQUESTS",
    ]);
    for (let count = 0; count < 50; count++) expect(await next()).toBe("TOO_MANY_REQUESTS");
    expect(await attempt(unknown)).toBe("delegated");
  });

  it("passes again when the window has ended", async () => {
    const token = signClaims(gateway, { ...USER_CLAIMS, exp: USER_CLAIMS.exp + 60 });
    await exhaust();
    for (let count = 0; count < 50; count++) expect(await next()).toBe("TOO_MANY_REQUESTS");
    gateway.time.now += 60_000;
    expect([await attempt(token), await next()]).toEqual(["user", "INVALID_CREDENTIAL"]);
  });
});

describe("what a verifier knows", () => {
  it("is what it has found good, also once that has expired", async () => {
    const { verifier, time } = gateway;
    const [token, other] = [signClaims(gateway), withSignature(signClaims(gateway), "AAAA")];
    expect([verifier.knows(token), verifier.knows(other)]).toEqual([false, false]);
    verifier.verify(token);
    expect(() => verifier.verify(other)).toThrow();
    time.now += 3_600_000;
    expect(() => verifier.verify(token)).toThrow();
    expect([verifier.knows(token), verifier.knows(other)]).toEqual([true, false]);
  });
});
