import { isUuid } from "./is-uuid.js";
import { invalidToken } from "./invalid-token-error.js";

/** 9999-12-31T23:59:59Z. Later instants have no ISO form that all clients can read. */
export const LAST_SECOND = 253_402_300_799;

/** The error names the claim, but not its value. */
export function refuseClaim(name: string): never {
  throw invalidToken(`the claim ${name} is missing or not acceptable`);
}

/** Reads a string that `accepts` allows. @throws InvalidTokenError `INVALID_CREDENTIAL`, like all functions here. */
export function textClaim(name: string, value: unknown, accepts: (value: string) => boolean): string {
  return typeof value === "string" && accepts(value) ? value : refuseClaim(name);
}

/** Reads an integer from 0 to `max`. */
export function integerClaim(name: string, value: unknown, max: number): number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max
    ? (value as number)
    : refuseClaim(name);
}

/** Reads a UUID in lower case. */
export const uuidClaim = (name: string, value: unknown): string => textClaim(name, value, isUuid);

/** Reads whole seconds since 1970. */
export const secondClaim = (name: string, value: unknown): number => integerClaim(name, value, LAST_SECOND);
