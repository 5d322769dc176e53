import { isEmail } from "class-validator";
import type { FieldCode } from "#wire/error-codes.js";
import { LatchkeyError, type FieldFault } from "../errors/latchkey-error.js";
import type { Identifier } from "./account-store.js";
import {
  asciiDomain,
  asciiPhone,
  foldName,
  hasUnseen,
  isPhoneNumber,
  normaliseIdentifier,
  visiblePhone,
} from "./normalise-identifier.js";

/** What is wrong with one value of a registration. */
export const fieldFault = (field: string, code: FieldCode, message: string): FieldFault => ({
  path: [field],
  code,
  message,
});

/** The length of a text as people count it. */
export const characters = (text: string): number => [...text].length;

/** RFC 5321 section 4.5.3.1.3, and what the column holds. */
const MAX_EMAIL = 254;

/** What is wrong with an e-mail address; null when nothing is. */
export function emailFault(email: string): FieldFault | null {
  if (characters(email) > MAX_EMAIL || characters(normaliseIdentifier(email)) > MAX_EMAIL)
    return identifierTooLong();
  if (hasUnseen(email) || email.includes(":")) return invalid();
  const at = email.lastIndexOf("@");
  if (at < 1) return invalid();
  const local = email.slice(0, at);
  // Quoted, anything can be a local part, markup too. Nobody has one, and RFC 5321 section 4.1.2 advises against them.
  if (local.includes('"')) {
    return fieldFault("email", "INVALID_FORMAT", "An e-mail address has no quotation marks.");
  }
  const domain = asciiDomain(email.slice(at + 1));
  if (domain === null) return invalid();
  const inAscii = `${local}@${domain}`;
  if (Buffer.byteLength(inAscii) > MAX_EMAIL) return identifierTooLong();
  return isEmail(inAscii) ? null : invalid();
}

const invalid = () => fieldFault("email", "INVALID_FORMAT", "This is not an e-mail address.");
const identifierTooLong = () =>
  fieldFault("email", "TOO_LONG", `An e-mail address has at most ${MAX_EMAIL} characters.`);

/** What the column holds. */
const MAX_PHONE = 32;
const MIN_DIGITS = 6;
const MAX_DIGITS = 15;
const OTHER_CHARACTER = /[^0-9+ ().\-/[\]]/;

/** What is wrong with a visible telephone number; null when nothing is. */
export function phoneFault(phone: string): FieldFault | null {
  if (characters(phone) > MAX_PHONE) {
    return fieldFault("phone", "TOO_LONG", `A telephone number has at most ${MAX_PHONE} characters.`);
  }
  if (isPhoneNumber(normaliseIdentifier(phone))) return null;
  const text = asciiPhone(foldName(phone));
  if (OTHER_CHARACTER.test(text)) {
    return fieldFault(
      "phone",
      "INVALID_CHARACTER",
      "A telephone number has digits, spaces, dashes, dots, slashes and brackets only, and no extension.",
    );
  }
  const digits = text.replace(/[^0-9]/g, "").length;
  if (digits < MIN_DIGITS) {
    return fieldFault("phone", "TOO_SHORT", `A telephone number has at least ${MIN_DIGITS} digits.`);
  }
  if (digits > MAX_DIGITS) {
    return fieldFault("phone", "TOO_LONG", `A telephone number has at most ${MAX_DIGITS} digits.`);
  }
  return fieldFault("phone", "INVALID_FORMAT", "A telephone number has one plus at most, in front.");
}

/** What a visitor may say of a new account. Role, level and the like are not among it. */
export interface Registration {
  username: string;
  email?: string | null;
  phone?: string | null;
  password: string;
  locale?: string | null;
}

/** A registration whose values are within bounds, trimmed, the number without what is invisible; absent ones are null. */
export interface CheckedRegistration {
  username: string;
  email: string | null;
  phone: string | null;
  locale: string;
  /** Normalised, each value once. */
  identifiers: Identifier[];
}

const MAX_USERNAME = 128;
/** What the identifier column holds. */
const MAX_IDENTIFIER = 254;
/**
 * Checks all values of a registration but the strength of its password (passwords/check-password).
 * @throws BAD_USER_INPUT naming every fault at once.
 */
export function checkRegistration(
  asked: Registration,
  passwordFault: FieldFault | null,
): CheckedRegistration {
  const username = asked.username.trim();
  const email = asked.email?.trim() || null;
  const phone = visiblePhone(asked.phone ?? "") || null;
  const locale = canonicalLocale(asked.locale?.trim() || "en");
  const faults = [
    usernameFault(username),
    email && emailFault(email),
    phone && phoneFault(phone),
    passwordFault,
  ];
  if (locale === null)
    faults.push(fieldFault("locale", "INVALID_FORMAT", "A locale is a BCP 47 tag, such as en or pt-BR."));
  const found = faults.filter((each) => each !== null && each !== "");
  if (found.length > 0) throw new LatchkeyError("BAD_USER_INPUT", { fields: found });
  return {
    username,
    email,
    phone,
    locale: locale ?? "en",
    identifiers: registeredIdentifiers(username, email, phone),
  };
}

function usernameFault(username: string): FieldFault | null {
  if (username === "") return fieldFault("username", "REQUIRED", "A username is needed.");
  // Folding can make a name longer: one ligature becomes up to 18 letters.
  if (characters(username) > MAX_USERNAME || characters(normaliseIdentifier(username)) > MAX_IDENTIFIER) {
    return fieldFault("username", "TOO_LONG", `A username has at most ${MAX_USERNAME} characters.`);
  }
  // RFC 7617: the colon ends the name in a Basic credential.
  if (username.includes(":") || hasUnseen(username) || normaliseIdentifier(username).includes(":")) {
    return fieldFault(
      "username",
      "INVALID_FORMAT",
      "A username has no colon and no invisible or control characters.",
    );
  }
  return null;
}

function canonicalLocale(locale: string): string | null {
  if (locale.length > 35) return null;
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? null;
  } catch {
    return null;
  }
}

/** One account may well use its e-mail address as its username: a value is listed once, under its first kind. */
function registeredIdentifiers(username: string, email: string | null, phone: string | null): Identifier[] {
  const byValue = new Map<string, Identifier>();
  for (const [kind, raw] of [
    ["username", username],
    ["email", email],
    ["phone", phone],
  ] as const) {
    if (raw === null) continue;
    const value = normaliseIdentifier(raw);
    if (!byValue.has(value)) byValue.set(value, { kind, value });
  }
  return [...byValue.values()];
}
