/** What people type between digits, and perhaps a plus in front. */
const LOOKS_LIKE_PHONE = /^\+?[0-9 ().\-/[\]]+$/;
/** Marks of direction, soft hyphens, joiners: what copying from a page or a contact list brings along. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;
/** Every dash of Unicode, the minus sign, the hyphen bullet, and the length mark that Japanese keyboards type for one. */
const DASHES = /[\p{Pd}\u2212\u2043\u30fc]/gu;
/** RFC 3966: what a link to a number begins with. */
const TEL = /^(?:tel: ?)+/i;
const DIGIT = /(?![0-9])\p{Nd}/gu;

/** A telephone number as it is shown: as it was written, without `tel:` and without what is invisible. */
export function visiblePhone(raw: string): string {
  return raw.replace(INVISIBLE, "").trim().replace(TEL, "").trim();
}

/** A number in ASCII, as far as it can be written so: any digits, any dashes. */
export function asciiPhone(folded: string): string {
  return visiblePhone(folded).replace(DASHES, "-").replace(DIGIT, asciiDigit);
}

/** The digits of what looks like a telephone number, and its plus; null for anything else. */
export function phoneDigits(folded: string): string | null {
  const text = asciiPhone(folded);
  return LOOKS_LIKE_PHONE.test(text) ? text.replace(/[^0-9+]/g, "") || null : null;
}

/** The decimal digits of a script stand in a row, from zero to nine (Unicode, section 4.6). */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(code - before - 1))) before += 1;
  return String(before % 10);
}
