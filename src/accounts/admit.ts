import type { AuditEvent } from "../audit/audit.js";
import { LatchkeyError } from "../errors/latchkey-error.js";
import { networkOf } from "../limits/network-of.js";
import type { Attempt, RegistrationAttempt } from "../limits/throttle.js";
import type { RequestOrigin } from "../tokens/new-token.js";
import type { AccountDeps } from "./account-store.js";
import { lookUpOrder } from "./normalise-identifier.js";

/** How long a network that an account signed in from is known to it. */
const KNOWN_FOR_MS = 30 * 24 * 3_600_000;

/**
 * Lets an attempt to sign in by this name through, and counts it.
 *
 * @param identifiers as lookUpOrder has them; none for what nobody is called.
 * @throws TOO_MANY_REQUESTS with `retryAfter` in seconds.
 */
export function admitLogin(
  deps: AccountDeps,
  identifiers: readonly string[],
  { ip }: RequestOrigin,
): Promise<Attempt> {
  const isKnown = async () => {
    if (identifiers.length === 0) return false;
    const network = networkOf(ip);
    const addresses = await knownAddresses(deps, identifiers);
    return addresses.some((address) => networkOf(address) === network);
  };
  // Every spelling of a name counts as one: the normalised form comes last.
  const name = identifiers.at(-1) ?? "";
  return audited(deps, "login.throttled", ip, deps.throttle.login(name, ip, isKnown));
}

/**
 * Lets a registration through, and counts it.
 * @throws TOO_MANY_REQUESTS with `retryAfter` in seconds.
 */
export function admitRegistration(deps: AccountDeps, { ip }: RequestOrigin): Promise<RegistrationAttempt> {
  return audited(deps, "registration.throttled", ip, deps.throttle.registration(ip));
}

/** Forgets the failures of these names of an account, from wherever they came. */
export async function forgetFailures(deps: AccountDeps, names: readonly string[]): Promise<void> {
  for (const identifiers of names.map(lookUpOrder)) {
    await deps.throttle.forget(identifiers.at(-1) ?? "", await knownAddresses(deps, identifiers));
  }
}

function knownAddresses(deps: AccountDeps, identifiers: readonly string[]): Promise<string[]> {
  return deps.store.signInAddresses(identifiers, new Date(deps.clock() - KNOWN_FOR_MS));
}

async function audited<T>(
  { audit }: AccountDeps,
  event: AuditEvent,
  ip: string | null,
  admission: Promise<T>,
): Promise<T> {
  try {
    return await admission;
  } catch (error) {
    if (error instanceof LatchkeyError && error.code === "TOO_MANY_REQUESTS") audit({ event, ip });
    throw error;
  }
}
