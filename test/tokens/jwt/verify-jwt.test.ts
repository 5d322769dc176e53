import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createPublicKey, createSecretKey, generateKeyPairSync, sign } from "node:crypto";
import { CompactEncrypt, CompactSign, FlattenedSign, GeneralSign, SignJWT } from "jose";
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
  forge,
  forgePrivilege,
  hmacRaw,
  makeGateway,
  refused,
  signRaw,
  without,
} from "./forge.js";
import type { Gateway } from "./forge.js";

let gateway: Gateway;
beforeEach(async () => {
  gateway = await makeGateway();
});

const verify = (token: string) => gateway.verifier.verify(token);
const expectRefused = (token: string, reason?: "TOKEN_EXPIRED") =>
  expect(() => verify(token)).toThrow(refused(reason));

/** The gateway's public key in every spelling an attacker may have taken from the key set. */
function publicSpellings(): [string, string | Buffer][] {
  const { kid } = gateway.ring.current();
  const key = gateway.ring.publicKey(kid)!.key;
  return [
    ["PEM", key.export({ format: "pem", type: "spki" })],
    ["PEM without its last line end", String(key.export({ format: "pem", type: "spki" })).trim()],
    ["DER", key.export({ format: "der", type: "spki" })],
    ["JWK", JSON.stringify(gateway.ring.jwks().keys[0])],
  ];
}

describe("what the gateway signed", () => {
  it.each(["ES256", "RS256"] as const)("is accepted: %s", async (algorithm) => {
    gateway = await makeGateway(algorithm);
    expect(verify(forge(gateway))).toEqual({
      kind: "user",
      sub: SUB,
      sid: SID,
      ver: 0,
      iat: IAT,
      exp: IAT + 60,
    });
  });

  it("is accepted when a key signed it that is published and not yet, or no longer, the current one", async () => {
    const first = gateway.ring.current();
    const token = forge(gateway);
    await gateway.addKey("ES256", NOW + 3_600_000);
    await gateway.addKey("RS256", NOW - 1);
    await gateway.addKey("ES256", NOW + 1);
    gateway.time.now += 2;
    expect(gateway.ring.current().kid).not.toBe(first.kid);
    expect(verify(token)).toMatchObject({ sid: SID });
  });

  it("says of which kind it is, so that a privilege token cannot pass for a user token", () => {
    expect(verify(forge(gateway)).kind).toBe("user");
    expect(verify(forgePrivilege(gateway)).kind).toBe("privilege");
  });
});

describe("algorithm", () => {
  it.each(["none", "None", "NONE", "nOnE"])("refuses %s, with and without a signature", (alg) => {
    const { kid } = gateway.ring.current();
    const input = `${encode({ alg, typ: "user+jwt", kid })}.${encode(USER_CLAIMS)}`;
    expectRefused(`${input}.`);
    expectRefused(input);
    expectRefused(`${input}.${forge(gateway).split(".")[2]}`);
  });

  it.each(["ES256", "RS256"] as const)(
    "refuses HS256 with the public key of %s as the secret",
    async (own) => {
      gateway = await makeGateway(own);
      const { kid } = gateway.ring.current();
      for (const [, secret] of publicSpellings()) {
        expectRefused(hmacRaw({ alg: "HS256", typ: "user+jwt", kid }, USER_CLAIMS, secret));
        expectRefused(hmacRaw({ alg: own, typ: "user+jwt", kid }, USER_CLAIMS, secret));
      }
    },
  );

  it("refuses HS256 with an empty and a guessed secret", () => {
    const { kid } = gateway.ring.current();
    for (const secret of ["", "secret"]) {
      expectRefused(hmacRaw({ alg: "HS256", typ: "user+jwt", kid }, USER_CLAIMS, secret));
    }
  });

  it("refuses the algorithm of another key of ours, whichever of the two signed", async () => {
    const es = gateway.ring.current();
    const rsKid = await gateway.addKey("RS256", NOW - 1);
    const other = await makeGateway("RS256");
    const rs = other.ring.current().privateKey;
    const header = (alg: string, kid: string) => JSON.stringify({ alg, typ: "user+jwt", kid });
    const claims = JSON.stringify(USER_CLAIMS);
    expectRefused(signRaw(header("ES256", rsKid), claims, "ES256", es.privateKey));
    expectRefused(signRaw(header("RS256", es.kid), claims, "ES256", es.privateKey));
    expectRefused(signRaw(header("RS256", es.kid), claims, "RS256", rs));
    expectRefused(signRaw(header("ES256", es.kid), claims, "RS256", rs));
  });

  it.each(["RS384", "RS512", "PS256"] as const)("refuses %s by our own RS256 key", async (alg) => {
    gateway = await makeGateway("RS256");
    const { kid, privateKey } = gateway.ring.current();
    const header = { alg, typ: "user+jwt" };
    expectRefused(jsonwebtoken.sign(USER_CLAIMS, privateKey, { algorithm: alg, keyid: kid, header }));
  });

  it("refuses EdDSA and a key on another curve", async () => {
    const { kid } = gateway.ring.current();
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
    expectRefused(strange({ alg: "ES256", typ: "user+jwt", kid: gateway.ring.current().kid }));
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
    expectRefused(forge(gateway, USER_CLAIMS, { kid }));
    expectRefused(hmacRaw({ alg: "HS256", typ: "user+jwt", kid }, USER_CLAIMS, ""));
  });

  it.each([[undefined], [null], [0], [["kid"]], [{}], [true]])(
    "refuses a kid that is no string: %j",
    (kid) => {
      expectRefused(forge(gateway, USER_CLAIMS, { kid }));
    },
  );

  it("refuses our kid with a space or in another case", () => {
    const { kid } = gateway.ring.current();
    expectRefused(forge(gateway, USER_CLAIMS, { kid: `${kid} ` }));
    expectRefused(forge(gateway, USER_CLAIMS, { kid: kid.toUpperCase() }));
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
    const { kid } = gateway.ring.current();
    for (const extra of [{ jku: url }, { x5u: url }, { jwk }, { x5c: ["MIIB"] }, { x5t: "aa" }]) {
      expectRefused(strange({ alg: "ES256", typ: "user+jwt", kid, ...extra }));
      expectRefused(strange({ alg: "ES256", typ: "user+jwt", kid: "evil", ...extra }));
      expectRefused(forge(gateway, USER_CLAIMS, extra));
    }
    await new Promise((resolve) => server.close(resolve));
    expect(requests).toBe(0);
  });

  it("refuses a token at its next use after its key was retired, though it was remembered", async () => {
    const token = forge(gateway);
    await gateway.addKey("ES256", NOW + 1);
    verify(token);
    verify(token);
    gateway.store.rows.shift();
    await gateway.ring.load();
    expectRefused(token);
    expectRefused(token);
  });

  it("refuses a key that was never published", async () => {
    const elsewhere = await makeGateway();
    expectRefused(forge(elsewhere));
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
    expectRefused(forge(gateway, USER_CLAIMS, extra));
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
    expectRefused(forge(gateway, USER_CLAIMS, { typ }));
    expectRefused(forge(gateway, PRIVILEGE_CLAIMS, { typ }));
  });

  it("refuses one kind's claims under the other kind's typ", () => {
    expectRefused(forge(gateway, PRIVILEGE_CLAIMS));
    expectRefused(forgePrivilege(gateway, USER_CLAIMS));
    expectRefused(forge(gateway, { ...PRIVILEGE_CLAIMS, aud: ISSUER }));
    expectRefused(forgePrivilege(gateway, { ...USER_CLAIMS, aud: AUDIENCE }));
  });

  it.each(["null", "[]", '"text"', "1", "true", "", "{", "{}", "\ufeff{}"])(
    "refuses %j as a header",
    (text) => {
      expectRefused(forge(gateway, USER_CLAIMS, text));
    },
  );

  it("refuses a repeated name, however it is spelled", () => {
    const { kid } = gateway.ring.current();
    const rest = `"typ":"user+jwt","kid":"${kid}"`;
    expectRefused(forge(gateway, USER_CLAIMS, `{"alg":"none","alg":"ES256",${rest}}`));
    expectRefused(forge(gateway, USER_CLAIMS, `{"alg":"ES256",${rest},"alg":"ES256"}`));
    expectRefused(forge(gateway, USER_CLAIMS, `{"\\u0061lg":"none","alg":"ES256",${rest}}`));
  });
});

describe("claims", () => {
  it.each(["iss", "aud", "sub", "sid", "ver", "iat"])("refuses a user token without %s", (name) => {
    expectRefused(forge(gateway, without(USER_CLAIMS, name)));
  });

  it.each(Object.keys(PRIVILEGE_CLAIMS))("refuses a privilege token without %s", (name) => {
    expectRefused(forgePrivilege(gateway, without(PRIVILEGE_CLAIMS, name)));
  });

  it.each([
    ["iss", "https://evil.example"],
    ["iss", `${ISSUER}/`],
    ["iss", "HTTPS://auth.example"],
    ["iss", [ISSUER]],
    ["iss", null],
    ["aud", AUDIENCE],
    ["aud", [ISSUER]],
    ["aud", [ISSUER, AUDIENCE]],
    ["aud", ""],
    ["sub", "1"],
    ["sub", 1],
    ["sub", SUB.toUpperCase()],
    ["sub", `${SUB}\n`],
    ["sub", { $ne: null }],
    ["sub", [SUB]],
    ["sid", ""],
    ["sid", 0],
    ["sid", SID.toUpperCase()],
    ["sid", `${SID} `],
    ["sid", `' OR 1=1 -- `],
    ["sid", null],
    ["ver", "0"],
    ["ver", -1],
    ["ver", 0.5],
    ["ver", 2 ** 31],
    ["ver", true],
    ["ver", null],
    ["iat", String(IAT)],
    ["iat", IAT + 0.5],
    ["iat", -1],
    ["iat", IAT + 31],
    ["iat", Date.parse("2100-01-01T00:00:00Z") / 1000],
    ["iat", NOW],
    ["exp", String(IAT + 60)],
    ["exp", null],
    ["exp", -1],
    ["exp", IAT + 60.5],
    ["exp", 1e300],
    ["exp", 253_402_300_800],
    ["exp", Number.MAX_SAFE_INTEGER],
    ["exp", { valueOf: 1 }],
    ["exp", true],
    ["nbf", IAT + 60],
    ["nbf", 0],
    ["nbf", "0"],
  ])("refuses a user token whose %s is %j", (name, value) => {
    expectRefused(forge(gateway, { ...USER_CLAIMS, [name]: value }));
  });

  it.each([
    ["aud", ISSUER],
    ["aud", "another-service"],
    ["aud", [AUDIENCE]],
    ["jti", ""],
    ["jti", 1],
    ["role", "ADMIN"],
    ["role", "owner"],
    ["role", ["root"]],
    ["privilegeLevel", 4],
    ["privilegeLevel", "2"],
    ["privilegeLevel", -1],
    ["scope", ["account:read"]],
    ["scope", " account:read"],
    ["scope", "account:read  users:read"],
    ["scope", "account:read\nusers:read"],
    ["username", ""],
    ["username", null],
    ["exp", null],
    ["nbf", 0],
  ])("refuses a privilege token whose %s is %j", (name, value) => {
    expectRefused(forgePrivilege(gateway, { ...PRIVILEGE_CLAIMS, [name]: value }));
  });

  it.each(["1e300", "1e9999", "1893456060.0", "+1893456060", "01893456060", "0x70DBD880", "Infinity", "-0"])(
    "refuses exp spelled %s",
    (exp) => {
      const claims = JSON.stringify(without(USER_CLAIMS, "exp")).slice(0, -1);
      expectRefused(forge(gateway, `${claims},"exp":${exp}}`));
    },
  );

  it("refuses a repeated claim, first or last, escaped or nested", () => {
    const claims = JSON.stringify(USER_CLAIMS).slice(0, -1);
    const other = "0198c0de-0000-7000-8000-00000000ffff";
    expectRefused(forge(gateway, `${claims},"sub":"${other}"}`));
    expectRefused(forge(gateway, `{"sub":"${other}",${claims.slice(1)}}`));
    expectRefused(forge(gateway, `${claims},"s\\u0075b":"${other}"}`));
    expectRefused(forge(gateway, `${claims},"exp":${IAT + 60}}`));
    expectRefused(forge(gateway, `${claims},"x":{"a":1,"a":2}}`));
  });

  it("refuses claims that are inherited rather than present", () => {
    const claims = JSON.stringify(without(USER_CLAIMS, "sub")).slice(0, -1);
    expectRefused(forge(gateway, `${claims},"__proto__":{"sub":"${SUB}"}}`));
  });

  it.each(["null", "[]", '"text"', "1", "true", "not JSON", "{", "\ufeff{}"])(
    "refuses %j as a payload",
    (text) => {
      expectRefused(forge(gateway, text));
    },
  );

  it("refuses white space around and inside the JSON", () => {
    expectRefused(forge(gateway, ` ${JSON.stringify(USER_CLAIMS)}`));
    expectRefused(forge(gateway, `${JSON.stringify(USER_CLAIMS)}\n`));
    expectRefused(forge(gateway, JSON.stringify(USER_CLAIMS, null, 1)));
  });

  it("refuses bytes that are not UTF-8", () => {
    const { kid, privateKey } = gateway.ring.current();
    const payload = Buffer.from(JSON.stringify({ ...USER_CLAIMS, note: "?" })).map((byte) =>
      byte === 0x3f ? 0xff : byte,
    );
    const input = `${encode({ alg: "ES256", typ: "user+jwt", kid })}.${Buffer.from(payload).toString("base64url")}`;
    const signature = sign("sha256", Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" });
    expectRefused(`${input}.${signature.toString("base64url")}`);
  });
});

describe("time", () => {
  it("ends a token at exp, without leeway, remembered or not", () => {
    const token = forge(gateway);
    gateway.time.now = NOW + 59_999;
    verify(token);
    gateway.time.now = NOW + 60_000;
    expectRefused(token, "TOKEN_EXPIRED");
    expectRefused(forge(gateway), "TOKEN_EXPIRED");
    expectRefused(forgePrivilege(gateway), "TOKEN_EXPIRED");
  });

  it("calls a token expired only when nothing else is wrong with it", () => {
    gateway.time.now = NOW + 60_000;
    expectRefused(forge(gateway, { ...USER_CLAIMS, aud: AUDIENCE }));
    expectRefused(`${forge(gateway).slice(0, -8)}AAAAAAAA`);
  });

  it("ends a token whose exp is 0", () => {
    expectRefused(forge(gateway, { ...USER_CLAIMS, exp: 0 }), "TOKEN_EXPIRED");
  });

  it("lets iat be 30 s ahead, and looks again when the clock has been set back", () => {
    const token = forge(gateway, { ...USER_CLAIMS, iat: IAT + 30 });
    verify(token);
    gateway.time.now = NOW - 1;
    expectRefused(token);
  });

  it("accepts the last second of the year 9999 and a token without exp", () => {
    expect(verify(forge(gateway, { ...USER_CLAIMS, exp: 253_402_300_799 }))).toMatchObject({
      exp: 253_402_300_799,
    });
    expect(verify(forge(gateway, without(USER_CLAIMS, "exp")))).toMatchObject({ exp: null });
  });
});

describe("form", () => {
  it("refuses every change of a single character", () => {
    const token = forge(gateway);
    for (let index = 0; index < token.length; index += 1) {
      const other = token[index] === "A" ? "B" : "A";
      expectRefused(token.slice(0, index) + other + token.slice(index + 1));
    }
  });

  it("refuses loose bits at the end of the signature", () => {
    const token = forge(gateway);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const last = alphabet.indexOf(token.at(-1) ?? "");
    const twin = token.slice(0, -1) + alphabet[last + 1];
    expect(Buffer.from(twin, "base64url")).toEqual(Buffer.from(token, "base64url"));
    expectRefused(twin);
  });

  it("refuses a truncated, emptied, doubled, zero or DER signature", () => {
    const token = forge(gateway);
    const [header, payload, signature] = token.split(".") as [string, string, string];
    const input = `${header}.${payload}`;
    const der = sign("sha256", Buffer.from(input), gateway.ring.current().privateKey).toString("base64url");
    for (const other of [
      signature.slice(0, -1),
      signature.slice(0, 43),
      signature[0],
      "",
      signature + signature,
      "A".repeat(86),
      encode(Buffer.from(signature, "base64url").toString("hex")),
      der,
    ]) {
      expectRefused(`${input}.${other}`);
    }
  });

  it("refuses padding, white space, line ends, NUL and the standard alphabet anywhere", () => {
    const token = forge(gateway);
    const segments = token.split(".");
    for (const junk of ["=", "==", " ", "\n", "\r\n", "\t", "\0", "%20", "\u00a0", "\ufeff", "\ud800", "*"]) {
      expectRefused(token + junk);
      expectRefused(junk + token);
      for (const index of [0, 1, 2]) {
        const copy = [...segments];
        copy[index] += junk;
        expectRefused(copy.join("."));
      }
    }
    expectRefused(segments.map((segment) => Buffer.from(segment, "base64url").toString("base64")).join("."));
  });

  it.each(["", ".", "..", "...", "a.b.c", "null", "Bearer", "undefined"])("refuses %j", (token) => {
    expectRefused(token);
  });

  it("refuses one segment more or fewer", () => {
    const token = forge(gateway);
    for (const other of [`${token}.`, `.${token}`, `${token}.${token}`, token.replace(".", "..")]) {
      expectRefused(other);
    }
    expectRefused(token.slice(0, token.lastIndexOf(".")));
    expectRefused(token.slice(token.indexOf(".") + 1));
  });

  it("refuses the JSON serialisations of a JWS", async () => {
    const { kid, privateKey } = gateway.ring.current();
    const payload = Buffer.from(JSON.stringify(USER_CLAIMS));
    const header = { alg: "ES256", typ: "user+jwt", kid };
    const flattened = await new FlattenedSign(payload).setProtectedHeader(header).sign(privateKey);
    const general = await new GeneralSign(payload).addSignature(privateKey).setProtectedHeader(header).sign();
    for (const form of [flattened, general]) {
      expectRefused(JSON.stringify(form));
      expectRefused(encode(form));
      expectRefused(`${encode(form)}.${encode(form)}.${encode(form)}`);
    }
  });

  it("refuses a JWE, made for our public key or with a shared key", async () => {
    const { kid, privateKey } = gateway.ring.current();
    const plaintext = Buffer.from(JSON.stringify(USER_CLAIMS));
    const header = { enc: "A256GCM", kid, typ: "user+jwt" } as const;
    expectRefused(
      await new CompactEncrypt(plaintext)
        .setProtectedHeader({ alg: "ECDH-ES", ...header })
        .encrypt(createPublicKey(privateKey)),
    );
    expectRefused(
      await new CompactEncrypt(plaintext)
        .setProtectedHeader({ alg: "dir", ...header })
        .encrypt(createSecretKey(Buffer.alloc(32))),
    );
  });

  it("refuses a token inside a token", async () => {
    const inner = forge(gateway);
    const { kid, privateKey } = gateway.ring.current();
    for (const payload of [inner, JSON.stringify(inner), JSON.stringify({ jwt: inner })]) {
      expectRefused(forge(gateway, payload));
      expectRefused(
        await new CompactSign(Buffer.from(payload))
          .setProtectedHeader({ alg: "ES256", typ: "user+jwt", kid, cty: "JWT" })
          .sign(privateKey),
      );
    }
  });

  it("refuses a well signed token beyond 4096 characters without looking for its key", () => {
    for (const length of [3_000, 100_000, 10_000_000]) {
      expectRefused(forge(gateway, { ...USER_CLAIMS, note: "x".repeat(length) }));
    }
    expect(gateway.look.count).toBe(0);
    expect(verify(forge(gateway, { ...USER_CLAIMS, note: "x".repeat(2_500) }))).toMatchObject({ sid: SID });
  });

  it("refuses deep nesting and a hundred thousand dots without harm", () => {
    expectRefused(forge(gateway, "[".repeat(2_500)));
    expectRefused(".".repeat(4_096));
    expectRefused(".".repeat(100_000));
  });
});

describe("memory of verified tokens", () => {
  it("gives the same claims again, which nobody can change", () => {
    const token = forge(gateway);
    const claims = verify(token);
    expect(verify(token)).toBe(claims);
    expect(Object.isFrozen(claims)).toBe(true);
  });

  it("does not confuse tokens that differ", () => {
    verify(forge(gateway));
    const sid = "7b1f6b58-5f0c-4b8e-9d55-0c6c3a5d1a03";
    expect(verify(forge(gateway, { ...USER_CLAIMS, sid }))).toMatchObject({ sid });
  });

  it("does not remember a refusal", async () => {
    const elsewhere = await makeGateway();
    const token = forge(elsewhere);
    expectRefused(token);
    gateway.store.rows.push(...elsewhere.store.rows);
    await gateway.ring.load();
    expect(verify(token)).toMatchObject({ sid: SID });
  });

  it("forgets the least recently used, and still verifies it", async () => {
    gateway = await makeGateway("ES256", 1);
    const [a, b] = [forge(gateway), forge(gateway)];
    const first = verify(a);
    verify(b);
    const again = verify(a);
    expect(again).toEqual(first);
    expect(again).not.toBe(first);
  });
});

describe("refusals", () => {
  it("repeat nothing of the token", () => {
    const token = forge(gateway, { ...USER_CLAIMS, sid: "s3cr3t-value" }, { kid: "s3cr3t-kid" });
    try {
      verify(token);
    } catch (error) {
      const shown = JSON.stringify({ ...(error as object) }) + String(error);
      expect(shown).not.toContain("s3cr3t");
      expect(shown).not.toContain(token);
    }
    expect.assertions(2);
  });
});
