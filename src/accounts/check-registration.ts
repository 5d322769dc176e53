import { LatchkeyError, type FieldFault } from "../errors/latchkey-error.js";
import type { Identifier } from "./account-store.js";
import { emailFault } from "./email-fault.js";
import { characters, fieldFault } from "./field-fault.js";
import { hasUnseen } from "./has-unseen.js";
import { normaliseIdentifier } from "./normalise-identifier.js";
import { phoneFault } from "./phone-fault.js";
import { visiblePhone } from "./phone-text.js";

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
    identifiers: identifiersOf(username, email, phone),
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
