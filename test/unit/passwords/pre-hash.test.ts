import { createHmac } from "node:crypto";
import { isWellFormed, preHash } from "../../../src/passwords/pre-hash.js";

const PEPPER = Buffer.alloc(32, 1);

describe("preHash", () => {
  it("is base64(HMAC-SHA-384(pepper, password))", () => {
    expect(preHash(PEPPER, "secret")).toBe(createHmac("sha384", PEPPER).update("secret").digest("base64"));
  });

  it("has 64 printable characters whatever the password", () => {
    for (const password of ["", "a", "\0", "é".repeat(256), "x".repeat(10_240)]) {
      expect(preHash(PEPPER, password)).toMatch(/^[A-Za-z0-9+/]{64}$/);
    }
  });

  it("keeps letter case and compatibility characters apart", () => {
    expect(preHash(PEPPER, "Secret")).not.toBe(preHash(PEPPER, "secret"));
    expect(preHash(PEPPER, "\ufb01sh")).not.toBe(preHash(PEPPER, "fish"));
  });

  it("depends on the pepper", () => {
    expect(preHash(PEPPER, "secret")).not.toBe(preHash(Buffer.alloc(32, 2), "secret"));
  });
});

describe("isWellFormed", () => {
  it("refuses lone surrogates and takes pairs", () => {
    expect(["plain", "😀", "\ud83d", "a\ude00b", "\ude00\ud83d"].map(isWellFormed)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
