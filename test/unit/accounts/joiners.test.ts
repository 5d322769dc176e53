import { domainToASCII } from "node:url";
import { withoutJoiners, withoutNeededJoiners } from "../../../src/accounts/normalise-identifier.js";

/** Assigned letters and marks up to Unicode 15, which all versions of Node that are supported know. */
const LETTERS = Array.from({ length: 0x20000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code))
  .filter((char) => /[\p{L}\p{M}]/u.test(char) && char.normalize("NFKC") === char && !/\p{Lu}/u.test(char));

const escaped = (text: string) =>
  [...text].map((char) => (char.codePointAt(0) ?? 0).toString(16).padStart(4, "0")).join(" ");

/** Whether Node's own IDNA lets a label stand, joiners and all. */
const isLabel = (label: string): boolean => domainToASCII(`${label}.example`) !== "";

describe("joiners in their context", () => {
  it.each([
    ["behind a virama", "\u0dc1\u0dca\u200d\u0dbb"],
    ["a non-joiner behind a virama", "\u0915\u094d\u200c\u0937"],
    ["between joining letters", "\u0628\u200c\u0628"],
    ["between joining letters with marks", "\u0628\u0651\u064e\u200c\u064b\u0628"],
    ["behind a virama at the end", "\u0915\u094d\u200d"],
  ])("stand %s", (_what, text) => {
    expect(withoutNeededJoiners(text)).toBe(withoutJoiners(text));
  });

  it.each([
    ["Latin letters", "a\u200cb"],
    ["nothing and a letter", "\u200c\u0628"],
    ["a letter and nothing", "\u0628\u200c"],
    ["a letter that does not join on and another", "\u0627\u200c\u0628"],
    ["joining letters, if it joins", "\u0628\u200d\u0628"],
    ["joining letters, twice", "\u0628\u200c\u200c\u0628"],
    ["emoji", "\u{1f468}\u200d\u{1f469}"],
  ])("do not stand between %s", (_what, text) => {
    expect(withoutNeededJoiners(text)).not.toBe(withoutJoiners(text));
  });

  // Not the other way round: Node's tables leave letters out that Unicode has long had, such as U+0767.
  it("stand wherever Node's own IDNA lets them, behind and before every letter and mark", () => {
    const beh = "\u0628";
    const contexts: ((char: string) => string)[] = [
      (char) => `${char}\u200c${beh}`,
      (char) => `${beh}\u200c${char}`,
      (char) => `${beh}${char}\u200d${beh}`,
    ];
    const differing = contexts.flatMap((inContext) =>
      LETTERS.map(inContext).filter((label) => {
        return isLabel(label) && withoutNeededJoiners(label) !== withoutJoiners(label);
      }),
    );
    expect(LETTERS.length).toBeGreaterThan(10_000);
    expect(differing.map(escaped)).toEqual([]);
  });
});
