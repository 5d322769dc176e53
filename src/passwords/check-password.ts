import type { FieldCode } from "#wire/error-codes.js";
import type { FieldFault } from "../errors/latchkey-error.js";
import { opaqueForm } from "./comparable-forms.js";
import type { PasswordHasher } from "./password-hasher.js";
import { isWellFormed } from "./pre-hash.js";

const MAX_LENGTH = 256;
const MAX_BYTES = 1_024;
/** Below this score a guesser who tries likely passwords first needs fewer than a million guesses. */
const MIN_SCORE = 2;

/**
 * Judges the form of a password somebody chooses, and its length in code points of the form that is hashed: the minimum
 * to 256, at most 1,024 bytes of UTF-8. No rules on the kinds of characters (NIST SP 800-63B). Costs nothing.
 *
 * @returns the fault (INVALID_FORMAT, TOO_SHORT, TOO_LONG) at path `password`, or null.
 */
export function checkPasswordForm(password: string, minLength: number): FieldFault | null {
  // Before anything else, so that a huge one is not normalised; NFC makes no string a third as long.
  if (password.length > MAX_BYTES * 3) return passwordTooLong();
  // U+FFFD stands for what a decoder could not read: what the user typed is lost, and would never sign in.
  if (!isWellFormed(password) || /[\0\ufffd]/.test(password)) {
    return passwordFaultOf("INVALID_FORMAT", "The password contains characters that cannot be used.");
  }
  const normal = opaqueForm(password);
  const length = Array.from(normal).length;
  if (length < minLength) {
    return passwordFaultOf("TOO_SHORT", `The password must have at least ${minLength} characters.`);
  }
  return length > MAX_LENGTH || Buffer.byteLength(normal) > MAX_BYTES ? passwordTooLong() : null;
}

/**
 * Judges how hard a password of good form is to guess: against common and breached passwords, keyboard walks,
 * sequences, dates and the user's own names. That takes a thread its time: who may ask is counted before.
 *
 * @param userInputs the user's names: username, e-mail address, phone number.
 * @returns the fault (WEAK_PASSWORD) at path `password`, or null.
 *   Errors: SERVICE_UNAVAILABLE when the strength cannot be judged in time.
 */
export async function checkPasswordStrength(
  hasher: Pick<PasswordHasher, "estimateStrength">,
  password: string,
  userInputs: readonly string[],
): Promise<FieldFault | null> {
  const form = opaqueForm(password);
  if (isTrivial(form, userInputs)) return weak();
  const score = await hasher.estimateStrength(form, userInputs);
  return score < MIN_SCORE ? weak() : null;
}

/** One character repeated, or one of the user's names as it is: the estimate sees only the first part of a long one. */
function isTrivial(password: string, userInputs: readonly string[]): boolean {
  const fold = (text: string): string => opaqueForm(text).toLowerCase();
  const folded = fold(password);
  return /^(.)\1*$/su.test(folded) || userInputs.some((input) => fold(input) === folded);
}

function passwordTooLong(): FieldFault {
  return passwordFaultOf("TOO_LONG", `The password must have at most ${MAX_LENGTH} characters.`);
}

function weak(): FieldFault {
  return passwordFaultOf(
    "WEAK_PASSWORD",
    "The password is too easy to guess. Choose a longer or less common one.",
  );
}

function passwordFaultOf(code: FieldCode, message: string): FieldFault {
  return { path: ["password"], code, message };
}
