import { createRequire } from "node:module";
import type * as Tr46 from "tr46";
import { JOINS_NEXT, JOINS_PREVIOUS, TRANSPARENT, VIRAMAS } from "./joining-types.js";

/**
 * Compatibility forms and case are folded (RFC 8265 section 3.3), a run of spaces is one (RFC 8266 section 2.1).
 * Folding twice is folding once.
 */
export function foldName(raw: string): string {
  // Taken apart first, as Unicode's own folding of identifiers does: case can change what a mark belongs to.
  // Upper case between: it alone unfolds ß and makes all sigmas one; lower case before it, for ẞ has no upper case.
  const cased = raw.normalize("NFKD").toLowerCase().toUpperCase().toLowerCase();
  // Folding can undo NFKC, so that comes last again.
  return cased.normalize("NFKC").replace(/\s+/g, " ").trim();
}

/**
 * Controls, direction changes, unassigned code points (RFC 8264 section 8) and all that is drawn as nothing,
 * U+2800 too: two names that look alike must be alike. U+FFFD stands for what a decoder could not read.
 */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\ufffd]/u;

/** Whether a name holds what is not seen. Joiners may stand where their script needs them, and are not compared. */
export const hasUnseen = (name: string): boolean => UNSEEN.test(withoutNeededJoiners(name));

const JOINERS = /[\u200c\u200d]/g;
/**
 * RFC 5892 appendix A.1: a non-joiner stands behind a virama, or between letters that would join without it.
 * A.2: a joiner stands behind a virama.
 */
const IN_CONTEXT = new RegExp(
  `(?<=[${VIRAMAS}])[\\u200c\\u200d]|(?<=[${JOINS_NEXT}][${TRANSPARENT}]*)\\u200c(?=[${TRANSPARENT}]*[${JOINS_PREVIOUS}])`,
  "gu",
);

/** The text without the joiners that its script needs where they stand. */
export const withoutNeededJoiners = (text: string): string => text.replace(IN_CONTEXT, "");

/** The text without any joiner: they are hard to see and easily left out, so no two names differ by them alone. */
export const withoutJoiners = (text: string): string => text.replace(JOINERS, "");

/** Names that IDNA changes nothing of. */
const PLAIN = /^(?!.*xn--)[\0-\x7f]*$/i;
/** UTS 46, not transitional, with all that DNS asks for; two hyphens in the third place are in use. */
const RULES = {
  checkBidi: true,
  checkHyphens: false,
  checkJoiners: true,
  useSTD3ASCIIRules: true,
  verifyDNSLength: true,
} as const;

const require = createRequire(import.meta.url);

/**
 * Not node:url: versions of Node differ in what they take for a domain, and nodes that share a database must not.
 * Loaded with the first domain that needs it, for its tables take their time.
 */
const tr46 = (): typeof Tr46 => require("tr46") as typeof Tr46;

/**
 * A mail domain as DNS has it: the A-labels of IDNA.
 *
 * @returns null when there is no such domain.
 */
export function asciiDomain(domain: string): string | null {
  return PLAIN.test(domain) ? domain : tr46().toASCII(domain, RULES);
}

/** The same domain in Unicode, whichever way it is written. What is no domain is left as it is. */
export function unicodeDomain(domain: string): string {
  if (PLAIN.test(domain)) return domain;
  const { domain: unicode, error } = tr46().toUnicode(domain, RULES);
  return error ? domain : unicode;
}

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

const PHONE = /^\+?[0-9]{6,15}$/;

/** Whether this normalised identifier is a telephone number (ITU-T E.164: at most 15 digits). */
export const isPhoneNumber = (normalised: string): boolean => PHONE.test(normalised);

/** Whether a username is, or looks like, an e-mail address or a telephone number: then it is no public name. */
export function isContact(username: string): boolean {
  const normalised = normaliseIdentifier(username);
  return normalised.includes("@") || isPhoneNumber(normalised);
}

/**
 * The one form under which usernames, e-mail addresses and telephone numbers
 * are stored, compared and looked up, whatever kind each is meant to be:
 * names are folded, and their joiners left out; of a number only the digits and its plus are kept, in ASCII;
 * the domain of a mail address is in Unicode. Because it does
 * not ask for the kind, no username can shadow another account's e-mail address or number.
 */
export function normaliseIdentifier(raw: string): string {
  const folded = foldName(raw);
  return phoneDigits(folded) ?? mailForm(withoutJoinersFolded(folded));
}

/** Letters meet where a joiner stood, and may become one. */
function withoutJoinersFolded(folded: string): string {
  const bare = withoutJoiners(folded);
  return bare === folded ? folded : foldName(bare);
}

/**
 * In Unicode, and folded like any name: so an account of an earlier version keeps its form when its domain was
 * written in Unicode, and ß, ς and joiners make no second account, as IDNA2003 had it.
 */
function mailForm(name: string): string {
  const domain = name.slice(name.lastIndexOf("@") + 1);
  if (domain === name) return name;
  const unicode = unicodeDomain(domain);
  return unicode === domain ? name : foldName(withoutJoiners(`${name.slice(0, -domain.length)}${unicode}`));
}

/** What earlier versions took for a telephone number. */
const PHONE_BEFORE = /^\+?[0-9 ().\-/]+$/;

/**
 * Under which identifiers a name is looked up, the first that is there counts.
 *
 * Earlier versions kept spellings apart that are one name now: the forms of a mail domain, digits of other scripts,
 * dashes. Where two accounts had one each, both keep what they have: who types exactly that spelling means that
 * account. No account that is made now can get in between, for it is stored under a normalised form.
 */
export function lookUpOrder(raw: string): readonly string[] {
  return [...new Set([earlierForm(raw), normaliseIdentifier(raw)])];
}

/** The form that earlier versions stored. To normalise it is to normalise the name. */
function earlierForm(raw: string): string {
  const folded = foldName(raw);
  return PHONE_BEFORE.test(folded) ? folded.replace(/[^0-9+]/g, "") || folded : folded;
}
