import { lookUpOrder, normaliseIdentifier } from "../../../src/accounts/normalise-identifier.js";

const NAMES = [
  "Ann",
  "a@m\u00fcnchen.example",
  "a@XN--mnchen-3ya.example",
  "a@\u5f20\u3002example",
  "a@stra\u00dfe.example",
  "a@xn--strae-oqa.example",
  "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc",
  "e\u200d\u0301",
  "\u0660\u0663\u0660",
  "030\u201155",
  "\u202a030 55\u202c",
  "tel:+49 30",
  "tel:tel:1",
  "[030] 1",
  "+49 (30) 12-34.56/7",
  "-.-",
  "+-",
  "[]",
  "\u200e",
  "",
];

describe("lookUpOrder", () => {
  it("is one identifier where earlier versions stored the same", () => {
    expect(lookUpOrder("+49 (30) Ann")).toEqual(["+49 (30) ann"]);
    expect(lookUpOrder("+49 (30) 1")).toEqual(["+49301"]);
    expect(lookUpOrder("A@M\u00dcNCHEN.example")).toEqual(["a@m\u00fcnchen.example"]);
  });

  it("begins with the spelling that earlier versions kept apart", () => {
    expect(lookUpOrder("A@XN--mnchen-3ya.example")).toEqual([
      "a@xn--mnchen-3ya.example",
      "a@m\u00fcnchen.example",
    ]);
    expect(lookUpOrder("030\u201055")).toEqual(["030\u201055", "03055"]);
  });

  it.each(NAMES)("lets no account that is made now get before another: %j", (name) => {
    const normal = normaliseIdentifier(name);
    expect(lookUpOrder(name).at(-1)).toBe(normal);
    expect(
      lookUpOrder(name)
        .map(normaliseIdentifier)
        .every((form) => form === normal),
    ).toBe(true);
    expect(lookUpOrder(normal)).toEqual([normal]);
  });
});
