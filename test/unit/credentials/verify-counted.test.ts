import { createAttemptSources } from "../../../src/credentials/attempt-source.js";
import { verifyCounted } from "../../../src/credentials/verify-counted.js";
import { createInvalidTokenLimit } from "../../../src/limits/invalid-token-limit.js";
import {
  encode,
  signClaims,
  signPrivilege,
  makeJwtSetup,
  USER_CLAIMS,
  type JwtSetup,
} from "../tokens/jwt/sign-claims.js";

const MOST = 3;

let setup: JwtSetup;
let attempt: (token: string) => string;

beforeEach(async () => {
  setup = await makeJwtSetup();
  const { verifier, time } = setup;
  const limit = createInvalidTokenLimit({ clock: () => time.now, onLimited: () => undefined }, [
    { most: MOST, periodMs: 60_000 },
  ]);
  const source = createAttemptSources(limit, (token) => verifier.knows(token))(() => "192.0.2.1");
  attempt = (token) => {
    try {
      return verifyCounted(verifier, token, source).kind;
    } catch (error) {
      const { code, reason } = error as { code: string; reason?: string };
      return reason ?? code;
    }
  };
});

/** What the next invalid token is answered. */
const next = () => attempt("a.b.c");
const shutTheDoor = () => {
  for (let count = 0; count < MOST; count++) expect(next()).toBe("INVALID_CREDENTIAL");
};
const withSignature = (token: string, signature: string) =>
  `${token.slice(0, token.lastIndexOf("."))}.${signature}`;

describe("a token that somebody presents", () => {
  it.each<[string, () => string]>([
    ["no JWT", () => "a.b.c"],
    ["a broken signature", () => withSignature(signClaims(setup), "AAAA")],
    ["an unknown key", () => signClaims(setup, USER_CLAIMS, { kid: "nobody's" })],
    ["claims that we never sign", () => signClaims(setup, { ...USER_CLAIMS, nbf: 1 })],
    ["another audience", () => signClaims(setup, { ...USER_CLAIMS, aud: "elsewhere" })],
    ["another kind", () => signClaims(setup, USER_CLAIMS, { typ: "revocations+jwt" })],
    ["too long", () => `${encode("x".repeat(5_000))}.e30.AAAA`],
  ])("counts when it was never good: %s", (_what, make) => {
    for (let count = 0; count < MOST; count++) expect(attempt(make())).toBe("INVALID_CREDENTIAL");
    expect(attempt(make())).toBe("TOO_MANY_REQUESTS");
  });

  it("does not count when it is good, or has expired", () => {
    const [good, short] = [
      signClaims(setup),
      signClaims(setup, { ...USER_CLAIMS, exp: USER_CLAIMS.iat + 1 }),
    ];
    setup.time.now += 1_000;
    for (let count = 0; count <= MOST; count++) {
      expect([attempt(good), attempt(short)]).toEqual(["user", "TOKEN_EXPIRED"]);
    }
    shutTheDoor();
  });

  it("does not count when it was verified and its key was dropped since, and is told so beyond the limit", async () => {
    const token = signClaims(setup);
    expect(attempt(token)).toBe("user");
    const { kid } = setup.ring.current();
    await setup.addKey("ES256", setup.time.now);
    await setup.store.drop(kid, new Date(setup.time.now), null);
    await setup.ring.load();
    for (let count = 0; count <= MOST; count++) expect(attempt(token)).toBe("INVALID_CREDENTIAL");
    shutTheDoor();
    expect([next(), attempt(token)]).toEqual(["TOO_MANY_REQUESTS", "INVALID_CREDENTIAL"]);
  });

  it("is verified beyond the limit when it was before, however many others are not even looked at", () => {
    const [known, unknown] = [signClaims(setup), signPrivilege(setup)];
    expect(attempt(known)).toBe("user");
    shutTheDoor();
    for (let count = 0; count < 50; count++) expect(next()).toBe("TOO_MANY_REQUESTS");
    const looks = setup.look.count;
    expect(attempt(unknown)).toBe("TOO_MANY_REQUESTS");
    // The key is looked up before a signature is.
    expect(setup.look.count).toBe(looks);
    expect([attempt(known), next()]).toEqual(["user", "TOO_MANY_REQUESTS"]);
    expect(attempt(withSignature(known, "AAAA"))).toBe("TOO_MANY_REQUESTS");
  });

  it("is judged beyond the limit as long as few are, and known from then on", () => {
    const unknown = signPrivilege(setup);
    shutTheDoor();
    expect([attempt(unknown), attempt(withSignature(unknown, "AAAA"))]).toEqual([
      "privilege",
      "TOO_MANY_REQUESTS",
    ]);
    for (let count = 0; count < 50; count++) expect(next()).toBe("TOO_MANY_REQUESTS");
    expect(attempt(unknown)).toBe("privilege");
  });

  it("passes again when the window has ended", () => {
    const token = signClaims(setup, { ...USER_CLAIMS, exp: USER_CLAIMS.exp + 60 });
    shutTheDoor();
    for (let count = 0; count < 50; count++) expect(next()).toBe("TOO_MANY_REQUESTS");
    setup.time.now += 60_000;
    expect([attempt(token), next()]).toEqual(["user", "INVALID_CREDENTIAL"]);
  });
});

describe("what a verifier knows", () => {
  it("is what it has found good, also once that has expired", () => {
    const { verifier, time } = setup;
    const [token, other] = [signClaims(setup), withSignature(signClaims(setup), "AAAA")];
    expect([verifier.knows(token), verifier.knows(other)]).toEqual([false, false]);
    verifier.verify(token);
    expect(() => verifier.verify(other)).toThrow();
    time.now += 3_600_000;
    expect(() => verifier.verify(token)).toThrow();
    expect([verifier.knows(token), verifier.knows(other)]).toEqual([true, false]);
  });
});
