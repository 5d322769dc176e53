import { createHmac } from "node:crypto";
import { hashSync as argon2Hash } from "@node-rs/argon2";
import { hashSync as bcryptHash } from "bcryptjs";
import {
  hashPassword,
  verifyPassword,
  type HashSettings,
  type PasswordVerification,
} from "../../../src/passwords/hash-tasks.js";
import { parseStoredHash } from "../../../src/passwords/stored-hash.js";

const FIRST = { id: "k1", key: Buffer.alloc(32, 1) };
const SECOND = { id: "k2", key: Buffer.alloc(32, 2) };
const BCRYPT: HashSettings = { scheme: "bcrypt", bcryptCost: 4, peppers: [FIRST] };
const ARGON2: HashSettings = { ...BCRYPT, scheme: "argon2id" };
const NO: PasswordVerification = { ok: false, rehash: null };
const YES: PasswordVerification = { ok: true, rehash: null };

function verify(settings: HashSettings, password: string, stored: string | null): PasswordVerification {
  return verifyPassword(settings, password, stored, hashPassword(settings, "nobody's password"));
}

/** The new string, after checking that the password was right and that the string is now up to date. */
function rehashed(settings: HashSettings, password: string, stored: string): string {
  const { ok, rehash } = verify(settings, password, stored);
  expect(ok).toBe(true);
  expect(rehash).toEqual(expect.any(String));
  expect(verify(settings, password, rehash)).toEqual(YES);
  return String(rehash);
}

describe.each([
  ["bcrypt", BCRYPT],
  ["argon2id", ARGON2],
])("%s", (scheme, settings) => {
  const matches = (chosen: string, tried: string): boolean =>
    verify(settings, tried, hashPassword(settings, chosen)).ok;

  it("accepts the password and nothing else", () => {
    const stored = hashPassword(settings, "right");
    expect(verify(settings, "right", stored)).toEqual(YES);
    expect(verify(settings, "wrong", stored)).toEqual(NO);
    expect(verify(settings, "", stored)).toEqual(NO);
    expect(verify(settings, "right ", stored)).toEqual(NO);
  });

  it("names its format, pepper and scheme, and salts", () => {
    const stored = hashPassword(settings, "right");
    expect(stored.startsWith("lk1$k1$")).toBe(true);
    expect(parseStoredHash(stored)?.parameters.scheme).toBe(scheme);
    expect(hashPassword(settings, "right")).not.toBe(stored);
  });

  it("does not truncate at 72 bytes", () => {
    expect(matches("a".repeat(72) + "X", "a".repeat(72) + "Y")).toBe(false);
    expect(matches("é".repeat(40), "é".repeat(36))).toBe(false);
    expect(matches("a".repeat(10_240), "a".repeat(10_239))).toBe(false);
    expect(matches("a".repeat(10_240), "a".repeat(10_240))).toBe(true);
  });

  it("does not stop at NUL", () => {
    expect(matches("secret\0one", "secret\0two")).toBe(false);
    expect(matches("secret", "secret\0")).toBe(false);
  });

  it("takes composed and decomposed forms for the same password", () => {
    expect(matches("caf\u00e9 au lait", "cafe\u0301 au lait")).toBe(true);
  });

  it("takes any space for any other, but not two for one", () => {
    expect(matches("au\u00a0lait", "au lait")).toBe(true);
    expect(matches("au lait", "au\u3000lait")).toBe(true);
    expect(matches("au lait", "au\u00a0\u00a0lait")).toBe(false);
  });

  it("does not take one lone surrogate for another, nor for U+FFFD", () => {
    expect(matches("odd \ufffd password", "odd \ud800 password")).toBe(false);
    expect(() => hashPassword(settings, "odd \ud800 password")).toThrow(RangeError);
  });

  it("refuses under another key of the same pepper id", () => {
    const other = { ...settings, peppers: [{ id: "k1", key: SECOND.key }] };
    expect(verify(other, "right", hashPassword(settings, "right"))).toEqual(NO);
  });

  it("refuses when the pepper is gone", () => {
    const other = { ...settings, peppers: [SECOND] };
    expect(verify(other, "right", hashPassword(settings, "right"))).toEqual(NO);
  });

  it("renews a hash of an earlier pepper, and refuses wrong passwords for it", () => {
    const stored = hashPassword(settings, "right");
    const later = { ...settings, peppers: [SECOND, FIRST] };
    expect(verify(later, "wrong", stored)).toEqual(NO);
    expect(parseStoredHash(rehashed(later, "right", stored))?.pepperId).toBe("k2");
  });

  it.each([
    ["none, for an unknown user", null],
    ["of an unknown format", "5f4dcc3b5aa765d61d8327deb882cf99"],
    ["of bcrypt cost 31", `$2b$31$${"a".repeat(53)}`],
    ["of 2 GiB", "$argon2id$v=19$m=2097152,t=1,p=4$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA"],
  ])("refuses when the stored string is %s", (_, stored) => {
    expect(verify(settings, "right", stored)).toEqual(NO);
  });

  it("refuses the password of the dummy itself", () => {
    const dummy = hashPassword(settings, "dummy");
    expect(verifyPassword(settings, "dummy", null, dummy)).toEqual(NO);
  });
});

describe("migration", () => {
  it("follows a raised bcrypt cost", () => {
    const raised = { ...BCRYPT, bcryptCost: 5 };
    const renewed = rehashed(raised, "right", hashPassword(BCRYPT, "right"));
    expect(parseStoredHash(renewed)?.parameters).toEqual({ scheme: "bcrypt", cost: 5 });
  });

  it("follows from bcrypt to argon2id and back", () => {
    const argon2 = rehashed(ARGON2, "right", hashPassword(BCRYPT, "right"));
    expect(parseStoredHash(argon2)?.parameters).toEqual({
      scheme: "argon2id",
      memoryKib: 19_456,
      passes: 2,
      lanes: 1,
    });
    expect(parseStoredHash(rehashed(BCRYPT, "right", argon2))?.parameters.scheme).toBe("bcrypt");
  });

  it("follows from a hash of the spaces as they were typed", () => {
    const earlier = createHmac("sha384", FIRST.key).update("au\u00a0lait").digest("base64");
    const stored = `lk1$k1${bcryptHash(earlier, 4)}`;
    expect(verify(BCRYPT, "au lait", stored)).toEqual(NO);
    expect(verify(BCRYPT, "au\u3000lait", stored)).toEqual(NO);
    const renewed = rehashed(BCRYPT, "au\u00a0lait", stored);
    expect(verify(BCRYPT, "au lait", renewed)).toEqual(YES);
  });

  it.each(["2a", "2b", "2y"])("takes over a bare $%s$ hash", (minor) => {
    const foreign = bcryptHash("right", 4).replace("$2b$", `$${minor}$`);
    expect(verify(BCRYPT, "wrong", foreign)).toEqual(NO);
    expect(rehashed(BCRYPT, "right", foreign)).toMatch(/^lk1\$k1\$2b\$/);
  });

  it("takes over a bare argon2id hash of other parameters", () => {
    const foreign = argon2Hash("right", { memoryCost: 8_192, timeCost: 1 });
    expect(verify(ARGON2, "wrong", foreign)).toEqual(NO);
    expect(rehashed(ARGON2, "right", foreign)).toMatch(/^lk1\$k1\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it("verifies a bare bcrypt hash as bcrypt does, and ends its truncation", () => {
    const foreign = bcryptHash("a".repeat(72) + "X", 4);
    const renewed = rehashed(BCRYPT, "a".repeat(72) + "Y", foreign);
    expect(verify(BCRYPT, "a".repeat(72) + "X", renewed)).toEqual(NO);
  });
});
