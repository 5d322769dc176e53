import { isEmail } from "class-validator";
import { LatchkeyError } from "../errors/latchkey-error.js";
import type { FieldFault } from "../errors/latchkey-error.js";
import type { Identifier } from "./account-store.js";
import { isPhoneNumber } from "./is-contact.js";
import { normaliseIdentifier } from "./normalise-identifier.js";

/** What a visitor may say of a new account. Role, level and the like are not among it. */
export interface Registration {
  username: string;
  email?: string | null;
  phone?: string | null;
  password: string;
  locale?: string | null;
}

/** A registration whose values are within bounds, trimmed; absent ones are null. */
export interface CheckedRegistration {
  username: string;
  email: string | null;
  phone: string | null;
  locale: string;
  /** Normalised, each value once. */
  identifiers: Identifier[];
}

const MAX_USERNAME = 128;
const MAX_EMAIL = 254;
/** What the identifier column holds. */
const MAX_IDENTIFIER = 254;
/**
 * Controls, direction changes, unassigned code points (RFC 8264 section 8) and all that is drawn as nothing,
 * U+2800 too: two names that look alike must be alike.
 */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;

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
  const phone = asked.phone?.trim() || null;
  const locale = canonicalLocale(asked.locale?.trim() || "en");
  const faults = [
    usernameFault(username),
    email && emailFault(email),
    phone && phoneFault(phone),
    passwordFault,
  ];
  if (locale === null)
    faults.push(fault("locale", "INVALID_FORMAT", "A locale is a BCP 47 tag, such as en or pt-BR."));
  const found = faults.filter((each) => each !== null && each !== "");
  if (found.length > 0) throw new LatchkeyError("BAD_USER_INPUT", { fields: found });
  return {
    username,
    email,
    phone,
    locale: locale ?? "en",
    identifiers: identifiersOf(username, email, phone),
  };
}

const fault = (field: string, code: FieldFault["code"], message: string): FieldFault => ({
  path: [field],
  code,
  message,
});

const characters = (text: string): number => [...text].length;

function usernameFault(username: string): FieldFault | null {
  if (username === "") return fault("username", "REQUIRED", "A username is needed.");
  // Folding can make a name longer: one ligature becomes up to 18 letters.
  if (characters(username) > MAX_USERNAME || characters(normaliseIdentifier(username)) > MAX_IDENTIFIER) {
    return fault("username", "TOO_LONG", `A username has at most ${MAX_USERNAME} characters.`);
  }
  // RFC 7617: the colon ends the name in a Basic credential.
  if (username.includes(":") || UNSEEN.test(username) || normaliseIdentifier(username).includes(":")) {
    return fault(
      "username",
      "INVALID_FORMAT",
      "A username has no colon and no invisible or control characters.",
    );
  }
  return null;
}

function emailFault(email: string): FieldFault | null {
  if (characters(email) > MAX_EMAIL || characters(normaliseIdentifier(email)) > MAX_IDENTIFIER) {
    return fault("email", "TOO_LONG", `An e-mail address has at most ${MAX_EMAIL} characters.`);
  }
  const valid = !UNSEEN.test(email) && !email.includes(":") && isEmail(email);
  return valid ? null : fault("email", "INVALID_FORMAT", "This is not an e-mail address.");
}

function phoneFault(phone: string): FieldFault | null {
  const valid = phone.length <= 32 && isPhoneNumber(normaliseIdentifier(phone));
  return valid
    ? null
    : fault("phone", "INVALID_FORMAT", "A telephone number has 6 to 15 digits, and perhaps a plus in front.");
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
function identifiersOf(username: string, email: string | null, phone: string | null): Identifier[] {
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
