import { normaliseIdentifier } from "./normalise-identifier.js";

const PHONE = /^\+?[0-9]{6,15}$/;

/** Whether this normalised identifier is a telephone number (ITU-T E.164: at most 15 digits). */
export const isPhoneNumber = (normalised: string): boolean => PHONE.test(normalised);

/** Whether a username is, or looks like, an e-mail address or a telephone number: then it is no public name. */
export function isContact(username: string): boolean {
  const normalised = normaliseIdentifier(username);
  return normalised.includes("@") || isPhoneNumber(normalised);
}
