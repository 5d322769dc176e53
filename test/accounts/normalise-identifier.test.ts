import { normaliseIdentifier } from "../../src/accounts/normalise-identifier.js";

/** Every assigned character that case mapping or a normalisation form changes. */
const CHANGEABLE = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code))
  .filter((text) => !/[\p{C}\p{Script=Han}\p{Script=Hangul}]/u.test(text))
  .filter((text) => formsOf(text).some((form) => form !== text));

function formsOf(text: string): string[] {
  const forms = (["NFC", "NFD", "NFKC", "NFKD"] as const).map((form) => text.normalize(form));
  return [text.toLowerCase(), text.toUpperCase(), ...forms];
}

describe("normaliseIdentifier", () => {
  it.each([
    ["case", "Ann.Miller", "ann.miller"],
    ["NFC and NFD", "Zoe\u0308", "zo\u00eb"],
    ["full-width letters", "\uff21\uff4e\uff4e", "ann"],
    ["ligatures", "o\ufb03ce", "office"],
    ["sharp s, small and capital", "stra\u00dfe STRA\u1e9eE", "strasse strasse"],
    [
      "both small sigmas",
      "\u039f\u0394\u039f\u03a3 \u03bf\u03b4\u03bf\u03c3",
      "\u03bf\u03b4\u03bf\u03c2 \u03bf\u03b4\u03bf\u03c2",
    ],
    ["surrounding spaces", " \u3000ann\u00a0", "ann"],
    ["runs of spaces of any width", "ann \u2003 b", "ann b"],
    ["separators in a number", "+49 (30) 12-34.56/7", "+49301234567"],
    ["full-width digits and plus", "\uff0b\uff14\uff19 \uff13\uff10", "+4930"],
  ])("folds %s", (_what, raw, normal) => {
    expect(normaliseIdentifier(raw)).toBe(normal);
  });

  it.each([
    ["a letter among digits", "12-34a", "12-34a"],
    ["a plus that is not in front", "12+34-5", "12+34-5"],
    ["punctuation without a digit", "-.-", "-.-"],
    ["the dots of a name", "a.b-c", "a.b-c"],
    ["accents", "jos\u00e9", "jos\u00e9"],
  ])("keeps %s", (_what, raw, normal) => {
    expect(normaliseIdentifier(raw)).toBe(normal);
  });

  it("answers one form for a name, its other case, its other Unicode forms, and the form itself", () => {
    expect(CHANGEABLE.length).toBeGreaterThan(5_000);
    const unstable = CHANGEABLE.filter((text) => {
      const name = `a${text}b`;
      const normal = normaliseIdentifier(name);
      return [normal, ...formsOf(name)].some((form) => normaliseIdentifier(form) !== normal);
    });
    expect(unstable).toEqual([]);
  });
});
