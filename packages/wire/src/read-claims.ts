import { isUuid } from "./is-uuid.js";
import { invalidToken } from "./invalid-token-error.js";

/** 9999-12-31T23:59:59Z: later instants have no ISO form that every client reads. */
export const LAST_SECOND = 253_402_300_799;

/** Names the claim and nothing that it holds. */
export function refuseClaim(name: string): never {
  throw invalidToken(`the claim ${name} is missing or not acceptable`);
}

/** A string that `accepts` takes. @throws InvalidTokenError `INVALID_CREDENTIAL`, like all of these. */
export function textClaim(name: string, value: unknown, accepts: (value: string) => boolean): string {
  return typeof value === "string" && accepts(value) ? value : refuseClaim(name);
}

/** An integer from 0 to `max`. */
export function integerClaim(name: string, value: unknown, max: number): number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max
    ? (value as number)
    : refuseClaim(name);
}

/** A UUID as ours are written. */
export const uuidClaim = (name: string, value: unknown): string => textClaim(name, value, isUuid);

/** Whole seconds since 1970. */
export const secondClaim = (name: string, value: unknown): number => integerClaim(name, value, LAST_SECOND);
