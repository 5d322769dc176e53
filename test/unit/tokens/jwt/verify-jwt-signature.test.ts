import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { generateKeyPairSync } from "node:crypto";
import { SignJWT } from "jose";
import jsonwebtoken from "jsonwebtoken";
import {
  AUDIENCE,
  IAT,
  ISSUER,
  NOW,
  PRIVILEGE_CLAIMS,
  SID,
  SUB,
  USER_CLAIMS,
  encode,
  signClaims,
  signPrivilege,
  hmacRaw,
  makeJwtSetup,
  refused,
  signRaw,
  type JwtSetup,
} from "./sign-claims.js";

let setup: JwtSetup;
beforeEach(async () => {
  setup = await makeJwtSetup();
});

const verify = (token: string) => setup.verifier.verify(token);
const expectRefused = (token: string, reason?: "TOKEN_EXPIRED") =>
  expect(() => verify(token)).toThrow(refused(reason));

/** The gateway's public key in every spelling an attacker may have taken from the key set. */
function publicSpellings(): [string, string | Buffer][] {
  const { kid } = setup.ring.current();
  const key = setup.ring.publicKey(kid)!.key;
  return [
    ["PEM", key.export({ format: "pem", type: "spki" })],
    ["PEM without its last line end", String(key.export({ format: "pem", type: "spki" })).trim()],
    ["DER", key.export({ format: "der", type: "spki" })],
    ["JWK", JSON.stringify(setup.ring.jwks().keys[0])],
  ];
}

describe("what the gateway signed", () => {
  it.each(["ES256", "RS256"] as const)("is accepted: %s", async (algorithm) => {
    setup = await makeJwtSetup(algorithm);
    expect(verify(signClaims(setup))).toEqual({
      kind: "user",
      kid: setup.ring.current().kid,
      sub: SUB,
      sid: SID,
      ver: 0,
      iat: IAT,
      exp: IAT + 60,
    });
  });

  it("is accepted when a key signed it that is published and not yet, or no longer, the current one", async () => {
    const first = setup.ring.current();
    const token = signClaims(setup);
    await setup.addKey("ES256", NOW + 3_600_000);
    await setup.addKey("RS256", NOW - 1);
    await setup.addKey("ES256", NOW + 1);
    setup.time.now += 2;
    expect(setup.ring.current().kid).not.toBe(first.kid);
    expect(verify(token)).toMatchObject({ sid: SID });
  });

  it("says of which kind it is, so that a privilege token cannot pass for a user token", () => {
    expect(verify(signClaims(setup)).kind).toBe("user");
    expect(verify(signPrivilege(setup)).kind).toBe("privilege");
  });
});

describe("algorithm", () => {
  it.each(["none", "None", "NONE", "nOnE"])("refuses %s, with and without a signature", (alg) => {
    const { kid } = setup.ring.current();
    const input = `${encode({ alg, typ: "user+jwt", kid })}.${encode(USER_CLAIMS)}`;
    expectRefused(`${input}.`);
    expectRefused(input);
    expectRefused(`${input}.${signClaims(setup).split(".")[2]}`);
  });

  it.each(["ES256", "RS256"] as const)(
    "refuses HS256 with the public key of %s as the secret",
    async (own) => {
      setup = await makeJwtSetup(own);
      const { kid } = setup.ring.current();
      for (const [, secret] of publicSpellings()) {
        expectRefused(hmacRaw({ alg: "HS256", typ: "user+jwt", kid }, USER_CLAIMS, secret));
        expectRefused(hmacRaw({ alg: own, typ: "user+jwt", kid }, USER_CLAIMS, secret));
      }
    },
  );

  it("refuses HS256 with an empty and a guessed secret", () => {
    const { kid } = setup.ring.current();
    for (const secret of ["", "secret"]) {
      expectRefused(hmacRaw({ alg: "HS256", typ: "user+jwt", kid }, USER_CLAIMS, secret));
    }
  });

  it("refuses the algorithm of another key of ours, whichever of the two signed", async () => {
    const es = setup.ring.current();
    const rsKid = await setup.addKey("RS256", NOW - 1);
    const other = await makeJwtSetup("RS256");
    const rs = other.ring.current().privateKey;
    const header = (alg: string, kid: string) => JSON.stringify({ alg, typ: "user+jwt", kid });
    const claims = JSON.stringify(USER_CLAIMS);
    expectRefused(signRaw(header("ES256", rsKid), claims, "ES256", es.privateKey));
    expectRefused(signRaw(header("RS256", es.kid), claims, "ES256", es.privateKey));
    expectRefused(signRaw(header("RS256", es.kid), claims, "RS256", rs));
    expectRefused(signRaw(header("ES256", es.kid), claims, "RS256", rs));
  });

  it.each(["RS384", "RS512", "PS256"] as const)("refuses %s by our own RS256 key", async (alg) => {
    setup = await makeJwtSetup("RS256");
    const { kid, privateKey } = setup.ring.current();
    const header = { alg, typ: "user+jwt" };
    expectRefused(jsonwebtoken.sign(USER_CLAIMS, privateKey, { algorithm: alg, keyid: kid, header }));
  });

  it("refuses EdDSA and a key on another curve", async () => {
    const { kid } = setup.ring.current();
    const header = (alg: string) => ({ alg, typ: "user+jwt", kid });
    const ed = generateKeyPairSync("ed25519").privateKey;
    expectRefused(await new SignJWT(USER_CLAIMS).setProtectedHeader(header("EdDSA")).sign(ed));
    const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
    expectRefused(await new SignJWT(USER_CLAIMS).setProtectedHeader(header("ES384")).sign(p384));
  });
});

describe("key", () => {
  const strangers = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const strange = (header: object) =>
    signRaw(JSON.stringify(header), JSON.stringify(USER_CLAIMS), "ES256", strangers.privateKey);

  it("refuses a stranger's signature under our kid", () => {
    expectRefused(strange({ alg: "ES256", typ: "user+jwt", kid: setup.ring.current().kid }));
  });

  it.each([
    "",
    "unknown",
    "../../../../dev/null",
    "/etc/hostname",
    "https://evil.example/key.pem",
    "' OR '1'='1",
    "x' UNION SELECT 'c2VjcmV0'; -- ",
    "| curl evil.example",
    "__proto__",
    "constructor",
    "\u0000",
    "*",
  ])("refuses the kid %j, whoever signed", (kid) => {
    expectRefused(strange({ alg: "ES256", typ: "user+jwt", kid }));
    expectRefused(signClaims(setup, USER_CLAIMS, { kid }));
    expectRefused(hmacRaw({ alg: "HS256", typ: "user+jwt", kid }, USER_CLAIMS, ""));
  });

  it.each([[undefined], [null], [0], [["kid"]], [{}], [true]])(
    "refuses a kid that is no string: %j",
    (kid) => {
      expectRefused(signClaims(setup, USER_CLAIMS, { kid }));
    },
  );

  it("refuses our kid with a space or in another case", () => {
    const { kid } = setup.ring.current();
    expectRefused(signClaims(setup, USER_CLAIMS, { kid: `${kid} ` }));
    expectRefused(signClaims(setup, USER_CLAIMS, { kid: kid.toUpperCase() }));
  });

  it("takes no key out of the token and fetches none, even when all else is right", async () => {
    let requests = 0;
    const server = createServer((_request, response) => {
      requests += 1;
      response.end(JSON.stringify({ keys: [strangers.publicKey.export({ format: "jwk" })] }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const jwk = strangers.publicKey.export({ format: "jwk" });
    const { kid } = setup.ring.current();
    for (const extra of [{ jku: url }, { x5u: url }, { jwk }, { x5c: ["MIIB"] }, { x5t: "aa" }]) {
      expectRefused(strange({ alg: "ES256", typ: "user+jwt", kid, ...extra }));
      expectRefused(strange({ alg: "ES256", typ: "user+jwt", kid: "evil", ...extra }));
      expectRefused(signClaims(setup, USER_CLAIMS, extra));
    }
    await new Promise((resolve) => server.close(resolve));
    expect(requests).toBe(0);
  });

  it("refuses a token at its next use after its key was retired, though it was remembered", async () => {
    const token = signClaims(setup);
    await setup.addKey("ES256", NOW + 1);
    verify(token);
    verify(token);
    setup.store.rows.shift();
    await setup.ring.load();
    expectRefused(token);
    expectRefused(token);
  });

  it("refuses a key that was never published", async () => {
    const elsewhere = await makeJwtSetup();
    expectRefused(signClaims(elsewhere));
  });
});

describe("header", () => {
  it.each([
    { crit: ["exp"] },
    { crit: [] },
    { crit: ["x"], x: true },
    { b64: false },
    { b64: true },
    { zip: "DEF" },
    { cty: "JWT" },
    { enc: "A256GCM" },
    { anything: 1 },
  ])("refuses the further name in %j", (extra) => {
    expectRefused(signClaims(setup, USER_CLAIMS, extra));
  });

  it.each([
    undefined,
    null,
    "",
    "JWT",
    "jwt",
    "at+jwt",
    "User+JWT",
    "user+jwt ",
    "application/user+jwt",
    "secevent+jwt",
    ["user+jwt"],
    1,
  ])("refuses the typ %j", (typ) => {
    expectRefused(signClaims(setup, USER_CLAIMS, { typ }));
    expectRefused(signClaims(setup, PRIVILEGE_CLAIMS, { typ }));
  });

  it("refuses one kind's claims under the other kind's typ", () => {
    expectRefused(signClaims(setup, PRIVILEGE_CLAIMS));
    expectRefused(signPrivilege(setup, USER_CLAIMS));
    expectRefused(signClaims(setup, { ...PRIVILEGE_CLAIMS, aud: ISSUER }));
    expectRefused(signPrivilege(setup, { ...USER_CLAIMS, aud: AUDIENCE }));
  });

  it.each(["null", "[]", '"text"', "1", "true", "", "{", "{}", "\ufeff{}"])(
    "refuses %j as a header",
    (text) => {
      expectRefused(signClaims(setup, USER_CLAIMS, text));
    },
  );

  it("refuses a repeated name, however it is spelled", () => {
    const { kid } = setup.ring.current();
    const rest = `"typ":"user+jwt","kid":"${kid}"`;
    expectRefused(signClaims(setup, USER_CLAIMS, `{"alg":"none","alg":"ES256",${rest}}`));
    expectRefused(signClaims(setup, USER_CLAIMS, `{"alg":"ES256",${rest},"alg":"ES256"}`));
    expectRefused(signClaims(setup, USER_CLAIMS, `{"\\u0061lg":"none","alg":"ES256",${rest}}`));
  });
});
