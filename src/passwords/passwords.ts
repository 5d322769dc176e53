import type { FieldFault } from "../errors/latchkey-error.js";
import { checkPasswordForm, checkPasswordStrength } from "./check-password.js";
import { createPasswordHasher, type PasswordHasher, type PasswordHasherOptions } from "./password-hasher.js";

/** Hashes passwords, and checks new passwords by the rules of this gateway. */
export interface Passwords extends PasswordHasher {
  /** The fault in the form of a new password, or null. */
  checkForm(password: string): FieldFault | null;
  /** The fault when a new password is too easy to guess, or null. Needs a worker thread. */
  checkStrength(password: string, userInputs: readonly string[]): Promise<FieldFault | null>;
}

/** @throws RangeError like `createPasswordHasher`. */
export function createPasswords(options: PasswordHasherOptions & { minLength: number }): Passwords {
  const hasher = createPasswordHasher(options);
  return {
    ...hasher,
    checkForm: (password) => checkPasswordForm(password, options.minLength),
    checkStrength: (password, userInputs) => checkPasswordStrength(hasher, password, userInputs),
  };
}
