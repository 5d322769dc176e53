import type { FieldFault } from "../errors/latchkey-error.js";
import { characters, fieldFault } from "./field-fault.js";
import { foldName } from "./fold-name.js";
import { isPhoneNumber } from "./is-contact.js";
import { normaliseIdentifier } from "./normalise-identifier.js";
import { asciiPhone } from "./phone-text.js";

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
