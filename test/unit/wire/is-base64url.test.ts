import { randomBytes, randomInt } from "node:crypto";
import { isBase64urlOf } from "../../../packages/wire/src/is-base64url.js";

const judge = (text: string) => isBase64urlOf(text, Buffer.from(text, "base64url"));
/** The slow way. */
const isCanonical = (text: string) => Buffer.from(text, "base64url").toString("base64url") === text;

describe("isBase64urlOf", () => {
  it("accepts what the bytes are written as, of every length", () => {
    for (let length = 0; length <= 300; length++)
      expect(judge(randomBytes(length).toString("base64url"))).toBe(true);
  });

  it.each([
    ["padding", "QQ=="],
    ["one character too many", "QUJDR"],
    ["loose bits in the last of two", "QR"],
    ["loose bits in the last of three", "QUJ"],
    ["the other alphabet's plus", "ab+d"],
    ["the other alphabet's slash", "ab/d"],
    ["white space", "QU JD"],
    ["a line break at the end", "QUJD\n"],
    ["a NUL", "QUJD\0"],
    ["a letter beyond ASCII", "QUJDé"],
    ["a letter whose low byte is one of the alphabet", "QUJDŁŁŁŁ"],
    ["a surrogate pair", "QU😀D"],
  ])("refuses %s", (_what, text) => {
    expect(isCanonical(text)).toBe(false);
    expect(judge(text)).toBe(false);
  });

  it("agrees with writing the bytes again, whatever is changed in a text", () => {
    const strange = [..."AZaz09-_+/= \n\t\0.,~é€Ł\u{1f600}"];
    for (let round = 0; round < 20_000; round++) {
      const text = [...randomBytes(randomInt(1, 80)).toString("base64url")];
      const at = randomInt(text.length);
      text.splice(at, randomInt(2), ...(randomInt(2) ? [strange[randomInt(strange.length)] ?? ""] : []));
      const changed = text.join("");
      expect([changed, judge(changed)]).toEqual([changed, isCanonical(changed)]);
    }
  });
});
