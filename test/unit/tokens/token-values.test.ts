import { checkExpiration, checkNote } from "../../../src/tokens/token-values.js";
import { badValue, NOW } from "./records.js";

describe("checkNote", () => {
  it.each([null, undefined, "", "  ", "\t\n", "\u00a0"])("%j is no note", (note) => {
    expect(checkNote(note)).toBeNull();
  });

  it.each(["deploy", " kept as it is ", "日本語 🚀", "x".repeat(255), "🚀".repeat(255)])(
    "keeps %j",
    (note) => {
      expect(checkNote(note)).toBe(note);
    },
  );

  it.each(["x".repeat(256), "🚀".repeat(256)])(
    "counts characters, not code units: 256 are too many",
    (note) => {
      expect(() => checkNote(note)).toThrow(badValue("note", "TOO_LONG"));
    },
  );

  it.each(["a\u0000b", "a\nb", "a\u007fb", "a\u009fb", "a\ud800b"])(
    "refuses control characters: %j",
    (note) => {
      expect(() => checkNote(note)).toThrow(badValue("note", "INVALID_FORMAT"));
    },
  );
});

describe("checkExpiration", () => {
  const TEN_YEARS = 10 * 365.25 * 86_400_000;
  const at = (ms: number) => new Date(NOW + ms);

  it.each([null, undefined])("%s is the lifetime from now, or never", (asked) => {
    expect(checkExpiration(asked, NOW, 60_000)).toEqual(at(60_000));
    expect(checkExpiration(asked, NOW, null)).toBeNull();
  });

  it.each([1_000, 1_001, 86_400_000, TEN_YEARS])("takes an instant %i ms ahead as it is", (ms) => {
    expect(checkExpiration(at(ms), NOW, 60_000)).toEqual(at(ms));
  });

  it.each([-1, 0, 999, -TEN_YEARS])("refuses an instant %i ms ahead", (ms) => {
    expect(() => checkExpiration(at(ms), NOW, null)).toThrow(badValue("expirationTime", "NOT_IN_FUTURE"));
  });

  it("refuses an instant more than ten years ahead", () => {
    expect(() => checkExpiration(at(TEN_YEARS + 1), NOW, null)).toThrow(
      badValue("expirationTime", "OUT_OF_RANGE"),
    );
    expect(() => checkExpiration(new Date(8.64e15), NOW, null)).toThrow(
      badValue("expirationTime", "OUT_OF_RANGE"),
    );
  });

  it("refuses what is no instant", () => {
    expect(() => checkExpiration(new Date(NaN), NOW, null)).toThrow(
      badValue("expirationTime", "INVALID_FORMAT"),
    );
  });
});
