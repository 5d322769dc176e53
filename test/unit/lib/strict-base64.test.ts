import { decodeBase64Utf8 } from "../../../src/lib/strict-base64.js";

const encode = (bytes: string | number[]) => Buffer.from(bytes as string).toString("base64");

describe("decodeBase64Utf8", () => {
  it.each(["", "a", "ab", "abc", "abcd", "häßlich:пароль", "🔑:key", "\u0000", "\ufeffa"])(
    "decodes %j",
    (text) => {
      expect(decodeBase64Utf8(encode(text))).toBe(text);
    },
  );

  it.each([
    ["missing padding", "YQ"],
    ["half the padding", "YQ="],
    ["too much padding", "YQ==="],
    ["padding where none belongs", "YWJj="],
    ["padding in the middle", "YQ==YQ=="],
    ["padding alone", "=="],
    ["a lone character", "Y"],
    ["set bits after the end", "YR=="],
    ["set bits after the end of two bytes", "YWJ="],
    ["the URL alphabet", encode([0x3f, 0xc3, 0xbf, 0x3e]).replaceAll("/", "_").replaceAll("+", "-")],
    ["a space inside", "YW Jj"],
    ["a space before", " YWJj"],
    ["a space after", "YWJj "],
    ["a line break", "YWJj\n"],
    ["a tab", "YW\tJj"],
    ["a NUL", "YWJj\u0000"],
    ["a character outside the alphabet", "YWJj!"],
    ["a Latin-1 character", "YWJjé"],
    ["a full-width letter", "YWJＪ"],
    ["a dot", "YWJj.YWJj"],
    ["a data URL", "data:;base64,YWJj"],
  ])("refuses %s", (_name, text) => {
    expect(decodeBase64Utf8(text)).toBeNull();
  });

  it.each([
    ["a lone continuation byte", [0x80]],
    ["a cut sequence", [0x61, 0xc3]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["an overlong NUL", [0xc0, 0x80]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["a code point past the last", [0xf4, 0x90, 0x80, 0x80]],
    ["Latin-1", [0x68, 0xe4]],
    ["UTF-16", [0xff, 0xfe, 0x61, 0x00]],
  ])("refuses bytes that are not UTF-8: %s", (_name, bytes) => {
    expect(decodeBase64Utf8(encode(bytes))).toBeNull();
  });

  it("gives no two texts one meaning", () => {
    const alphabet = Array.from("ABQRYZagw019+/-_= .");
    const pairs = alphabet.flatMap((a) => alphabet.map((b) => a + b));
    const meanings = pairs
      .flatMap((start) => pairs.map((end) => decodeBase64Utf8(start + end)))
      .filter((meaning) => meaning !== null);
    expect(meanings.length).toBeGreaterThan(1_000);
    expect(new Set(meanings).size).toBe(meanings.length);
  });
});
