import { checkPasswordForm, checkPasswordStrength } from "../../../src/passwords/check-password.js";
import type { FieldFault } from "../../../src/errors/latchkey-error.js";

/** Every password is as strong as it is told to be. */
async function check(
  password: string,
  score = 4,
  userInputs: string[] = ["ann.miller"],
): Promise<FieldFault | null> {
  const deps = { estimateStrength: async () => score };
  return checkPasswordForm(password, 8) ?? (await checkPasswordStrength(deps, password, userInputs));
}

/** 256 different characters of four bytes each. */
const FOUR_BYTES = Array.from({ length: 256 }, (_, index) => String.fromCodePoint(0x20000 + index * 7)).join(
  "",
);

describe("a new password", () => {
  it("accepts 256 characters of four bytes, and not one more", async () => {
    expect(Buffer.byteLength(FOUR_BYTES)).toBe(1_024);
    expect(await check(FOUR_BYTES)).toBeNull();
    expect(await check(FOUR_BYTES + "a")).toMatchObject({ path: ["password"], code: "TOO_LONG" });
  });

  it("counts code points of the composed form", async () => {
    expect(await check("😀😁😂🤣😃😄😅")).toMatchObject({ code: "TOO_SHORT" });
    expect(await check("😀😁😂🤣😃😄😅😆")).toBeNull();
    expect(await check("abcde\u0301\u0301fg")).toBeNull();
    expect(await check("e\u0301".repeat(3) + "o\u0308".repeat(4))).toMatchObject({ code: "TOO_SHORT" });
    expect(await check("e\u0301o\u0308".repeat(128))).toBeNull();
  });

  it("has the minimum that its judge is given", () => {
    expect(checkPasswordForm("fourteen chars", 15)).toMatchObject({ code: "TOO_SHORT" });
    expect(checkPasswordForm("fifteen charact", 15)).toBeNull();
  });

  it.each([
    ["an empty one", "", "TOO_SHORT"],
    ["10 KB", "ab".repeat(5_120), "TOO_LONG"],
    ["1 MB of lone surrogates", "\ud800".repeat(500_000), "TOO_LONG"],
    ["NUL", "good pass\0word", "INVALID_FORMAT"],
    ["a lone surrogate", "good pass\ud83dword", "INVALID_FORMAT"],
    ["one character repeated", "z".repeat(64), "WEAK_PASSWORD"],
    ["one emoji repeated", "😀".repeat(64), "WEAK_PASSWORD"],
    ["the user's own name in other letters", "Ann.Miller", "WEAK_PASSWORD"],
  ])("refuses %s", async (_, password, code) => {
    expect(await check(password)).toMatchObject({ path: ["password"], code });
  });

  it("refuses what is guessed within a million tries", async () => {
    expect(await check("long enough", 1)).toMatchObject({ code: "WEAK_PASSWORD" });
    expect(await check("long enough", 2)).toBeNull();
  });

  it("has no rules on kinds of characters", async () => {
    expect(await check("correct horse battery staple")).toBeNull();
    expect(await check("全角文字の秘密の言葉")).toBeNull();
  });

  it("never repeats the password", async () => {
    for (const password of ["tiny", "secret\0secret", "secret".repeat(100), "ann.miller"]) {
      expect(JSON.stringify(await check(password))).not.toContain(password.slice(0, 4));
    }
  });
});
