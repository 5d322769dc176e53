import { isEmail } from "class-validator";
import type { FieldFault } from "../errors/latchkey-error.js";
import { characters, fieldFault } from "./field-fault.js";
import { hasUnseen } from "./has-unseen.js";
import { asciiDomain } from "./mail-domain.js";
import { normaliseIdentifier } from "./normalise-identifier.js";

/** RFC 5321 section 4.5.3.1.3, and what the column holds. */
const MAX_EMAIL = 254;

/** What is wrong with an e-mail address; null when nothing is. */
export function emailFault(email: string): FieldFault | null {
  if (characters(email) > MAX_EMAIL || characters(normaliseIdentifier(email)) > MAX_EMAIL) return tooLong();
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
  if (Buffer.byteLength(inAscii) > MAX_EMAIL) return tooLong();
  return isEmail(inAscii) ? null : invalid();
}

const invalid = () => fieldFault("email", "INVALID_FORMAT", "This is not an e-mail address.");
const tooLong = () =>
  fieldFault("email", "TOO_LONG", `An e-mail address has at most ${MAX_EMAIL} characters.`);
