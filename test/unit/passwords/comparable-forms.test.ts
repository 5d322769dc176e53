import { comparableForms, opaqueForm } from "../../../src/passwords/comparable-forms.js";

describe("opaqueForm", () => {
  it("makes every space U+0020, and nothing else", () => {
    const all = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code));
    const mapped = all.filter((char) => char !== " " && opaqueForm(char) === " ");
    expect(mapped.join("")).toBe(
      "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    );
  });

  it("is the same for the composed and the decomposed form", () => {
    expect(opaqueForm("cafe\u0301 au lait")).toBe("caf\u00e9 au lait");
  });

  it("keeps letter case, compatibility characters, and how many spaces there are", () => {
    for (const password of ["Secret", "\ufb01sh", "\uff41", "a  b", " a "])
      expect(opaqueForm(password)).toBe(password);
  });
});

describe("comparableForms", () => {
  it("is one form, but for a password that was typed with another space", () => {
    expect(comparableForms("a b")).toEqual(["a b"]);
    expect(comparableForms("cafe\u0301")).toEqual(["caf\u00e9"]);
    expect(comparableForms("a\u3000e\u0301")).toEqual(["a \u00e9", "a\u3000\u00e9"]);
  });
});
