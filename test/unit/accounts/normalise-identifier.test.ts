import { normaliseIdentifier } from "../../../src/accounts/normalise-identifier.js";

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
    ["dashes of any kind in a number", "030\u2010\u2011\u2012\u2013\u2014\u2212\u30fc1", "0301"],
    ["brackets in a number", "[030] 1", "0301"],
    ["what is invisible in a number", "\u202a+49\u00ad30\u200b1\u202c\ufeff", "+49301"],
    ["tel: before a number", "tel:+49-30", "+4930"],
    ["tel: twice", "Tel: tel:+49-30", "+4930"],
    ["digits of several scripts", "\u0660\u06f9\u0967\u{1e950}", "0910"],
    ["joiners", "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc", "\u0646\u0627\u0645\u0647\u0627\u06cc"],
    ["letters that meet where a joiner stood", "e\u200d\u0301", "\u00e9"],
    ["A-labels", "A@XN--Mnchen-3YA.example", "a@m\u00fcnchen.example"],
    ["the stops of a domain", "a@\u5f20\u3002example", "a@\u5f20.example"],
    ["the deviations of IDNA", "a@xn--strae-oqa.example", "a@strasse.example"],
    [
      "joiners in a domain",
      "a@xn--mgba3gch31f060k.example",
      "a@\u0646\u0627\u0645\u0647\u0627\u06cc.example",
    ],
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
    ["digits in a name", "\u0639\u0644\u06cc\u06f1", "\u0639\u0644\u06cc\u06f1"],
    ["tel: before a name", "tel:ann", "tel:ann"],
    ["an invisible mark in a name", "an\u00adn", "an\u00adn"],
    ["an A-label of nothing", "a@xn--zzzz.example", "a@xn--zzzz.example"],
    ["an A-label that is no domain", "xn--mnchen-3ya", "xn--mnchen-3ya"],
    ["what is no host", "a@m\u00fcnchen%2eexample/b", "a@m\u00fcnchen%2eexample/b"],
    ["an IPv4 address", "a@1.2.3", "a@1.2.3"],
    ["an at sign at the end", "ann@", "ann@"],
  ])("keeps %s", (_what, raw, normal) => {
    expect(normaliseIdentifier(raw)).toBe(normal);
  });

  it("knows the digits of every script", () => {
    const scripts = Intl.supportedValuesOf("numberingSystem").map((numberingSystem) => {
      const format = new Intl.NumberFormat("en", { numberingSystem, useGrouping: false });
      return Array.from({ length: 10 }, (_, digit) => format.format(digit)).join("");
    });
    const decimal = scripts.filter((digits) => /^\p{Nd}{10}$/u.test(digits));
    expect(decimal.length).toBeGreaterThan(60);
    expect(new Set(decimal.map(normaliseIdentifier))).toEqual(new Set(["0123456789"]));
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
