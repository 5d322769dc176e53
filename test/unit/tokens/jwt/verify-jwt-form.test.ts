import { createPublicKey, createSecretKey, sign } from "node:crypto";
import { CompactEncrypt, CompactSign, FlattenedSign, GeneralSign } from "jose";
import { SID, USER_CLAIMS, encode, signClaims, makeJwtSetup, refused, type JwtSetup } from "./sign-claims.js";

let setup: JwtSetup;
beforeEach(async () => {
  setup = await makeJwtSetup();
});

const verify = (token: string) => setup.verifier.verify(token);
const expectRefused = (token: string, reason?: "TOKEN_EXPIRED") =>
  expect(() => verify(token)).toThrow(refused(reason));

describe("form", () => {
  it("refuses every change of a single character", () => {
    const token = signClaims(setup);
    for (let index = 0; index < token.length; index += 1) {
      const other = token[index] === "A" ? "B" : "A";
      expectRefused(token.slice(0, index) + other + token.slice(index + 1));
    }
  });

  it("refuses loose bits at the end of the signature", () => {
    const token = signClaims(setup);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const last = alphabet.indexOf(token.at(-1) ?? "");
    const twin = token.slice(0, -1) + (alphabet[last + 1] ?? "");
    expect(Buffer.from(twin, "base64url")).toEqual(Buffer.from(token, "base64url"));
    expectRefused(twin);
  });

  it("refuses a truncated, emptied, doubled, zero or DER signature", () => {
    const token = signClaims(setup);
    const [header, payload, signature] = token.split(".") as [string, string, string];
    const input = `${header}.${payload}`;
    const der = sign("sha256", Buffer.from(input), setup.ring.current().privateKey).toString("base64url");
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
    const token = signClaims(setup);
    const segments = token.split(".");
    for (const junk of ["=", "==", " ", "\n", "\r\n", "\t", "\0", "%20", "\u00a0", "\ufeff", "\ud800", "*"]) {
      expectRefused(token + junk);
      expectRefused(junk + token);
      for (const index of [0, 1, 2]) {
        const copy = [...segments];
        copy[index] = `${copy[index] ?? ""}${junk}`;
        expectRefused(copy.join("."));
      }
    }
    expectRefused(segments.map((segment) => Buffer.from(segment, "base64url").toString("base64")).join("."));
  });

  it.each(["", ".", "..", "...", "a.b.c", "null", "Bearer", "undefined"])("refuses %j", (token) => {
    expectRefused(token);
  });

  it("refuses one segment more or fewer", () => {
    const token = signClaims(setup);
    for (const other of [`${token}.`, `.${token}`, `${token}.${token}`, token.replace(".", "..")]) {
      expectRefused(other);
    }
    expectRefused(token.slice(0, token.lastIndexOf(".")));
    expectRefused(token.slice(token.indexOf(".") + 1));
  });

  it("refuses the JSON serialisations of a JWS", async () => {
    const { kid, privateKey } = setup.ring.current();
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
    const { kid, privateKey } = setup.ring.current();
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
    const inner = signClaims(setup);
    const { kid, privateKey } = setup.ring.current();
    for (const payload of [inner, JSON.stringify(inner), JSON.stringify({ jwt: inner })]) {
      expectRefused(signClaims(setup, payload));
      expectRefused(
        await new CompactSign(Buffer.from(payload))
          .setProtectedHeader({ alg: "ES256", typ: "user+jwt", kid, cty: "JWT" })
          .sign(privateKey),
      );
    }
  });

  it("refuses a well signed token beyond 4096 characters without looking for its key", () => {
    for (const length of [3_000, 100_000, 10_000_000]) {
      expectRefused(signClaims(setup, { ...USER_CLAIMS, note: "x".repeat(length) }));
    }
    expect(setup.look.count).toBe(0);
    expect(verify(signClaims(setup, { ...USER_CLAIMS, note: "x".repeat(2_500) }))).toMatchObject({
      sid: SID,
    });
  });

  it("refuses deep nesting and a hundred thousand dots without harm", () => {
    expectRefused(signClaims(setup, "[".repeat(2_500)));
    expectRefused(".".repeat(4_096));
    expectRefused(".".repeat(100_000));
  });
});

describe("memory of verified tokens", () => {
  it("gives the same claims again, which nobody can change", () => {
    const token = signClaims(setup);
    const claims = verify(token);
    expect(verify(token)).toBe(claims);
    expect(Object.isFrozen(claims)).toBe(true);
  });

  it("does not confuse tokens that differ", () => {
    verify(signClaims(setup));
    const sid = "7b1f6b58-5f0c-4b8e-9d55-0c6c3a5d1a03";
    expect(verify(signClaims(setup, { ...USER_CLAIMS, sid }))).toMatchObject({ sid });
  });

  it("does not remember a refusal", async () => {
    const elsewhere = await makeJwtSetup();
    const token = signClaims(elsewhere);
    expectRefused(token);
    setup.store.rows.push(...elsewhere.store.rows);
    await setup.ring.load();
    expect(verify(token)).toMatchObject({ sid: SID });
  });

  it("forgets the least recently used, and still verifies it", async () => {
    setup = await makeJwtSetup("ES256", 1);
    const [a, b] = [signClaims(setup), signClaims(setup)];
    const first = verify(a);
    verify(b);
    const again = verify(a);
    expect(again).toEqual(first);
    expect(again).not.toBe(first);
  });
});

describe("refusals", () => {
  it("repeat nothing of the token", () => {
    const token = signClaims(setup, { ...USER_CLAIMS, sid: "s3cr3t-value" }, { kid: "s3cr3t-kid" });
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
