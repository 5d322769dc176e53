import { v7 as uuidv7 } from "uuid";
import type { RegistrationAttempt } from "../limits/throttle.js";
import type { Role } from "../entities/role.js";
import type { UserToken } from "../entities/user-token.js";
import { badInput, LatchkeyError } from "../errors/latchkey-error.js";
import type { AccountDeps, UserWithPassword } from "./account-store.js";
import { checkRegistration, type CheckedRegistration, type Registration } from "./check-registration.js";

export interface AccountOptions {
  role: Role;
  firstToken?: (user: UserWithPassword, now: Date) => UserToken;
  /**
   * Asked once all values are within bounds, before anything slow is done or told: the password is not judged yet. What
   * it answers is told how the registration ended.
   */
  admit?: () => Promise<RegistrationAttempt>;
}

/**
 * Makes an account, with its first token if `firstToken` makes one, in one transaction.
 *
 * @throws BAD_USER_INPUT naming every value out of bounds at once, or else the password that is too weak; CONFLICT
 * naming every identifier that is taken (a public name cannot be hidden); SERVICE_UNAVAILABLE
 * when too many passwords wait to be hashed; what `admit` throws.
 */
export async function createAccount(
  deps: AccountDeps,
  asked: Registration,
  options: AccountOptions,
): Promise<{ user: UserWithPassword; token: UserToken | null }> {
  const fault = deps.passwords.checkForm(asked.password);
  const checked = checkRegistration(asked, fault);
  const attempt = await options.admit?.();
  try {
    const added = await addAccount(deps, checked, asked.password, options);
    // The account is there, whatever becomes of the counters.
    await attempt?.passed().catch(() => undefined);
    return added;
  } catch (error) {
    // The first error is the one worth telling.
    await (isConflict(error) ? attempt?.refused() : attempt?.withdraw())?.catch(() => undefined);
    throw error;
  }
}

const isConflict = (error: unknown): boolean =>
  error instanceof LatchkeyError && (error.code === "BAD_USER_INPUT" || error.code === "CONFLICT");

async function addAccount(
  deps: AccountDeps,
  { username, email, phone, locale, identifiers }: CheckedRegistration,
  password: string,
  options: AccountOptions,
): Promise<{ user: UserWithPassword; token: UserToken | null }> {
  const { passwords } = deps;
  const names = [username, email, phone].filter((name) => name !== null);
  const weakness = await passwords.checkStrength(password, names);
  if (weakness) throw badInput(weakness);
  const passwordHash = await passwords.hash(password);
  const now = new Date(deps.clock());
  const user: UserWithPassword = {
    id: uuidv7({ msecs: now.getTime() }),
    username,
    email,
    phone,
    passwordHash,
    locale,
    role: options.role,
    enabled: true,
    creationTime: now,
    lastLoginTime: options.firstToken ? now : null,
    tokensValidFrom: null,
    privilegesValidFrom: null,
  };
  const token = options.firstToken?.(user, now) ?? null;
  const taken = await deps.store.add(user, identifiers, token);
  if (taken.length > 0) {
    const fields = taken.map((kind) => ({
      path: [kind],
      code: "TAKEN" as const,
      message: `This ${kind} is taken.`,
    }));
    throw new LatchkeyError("CONFLICT", { message: "An account with these names exists.", fields });
  }
  return { user, token };
}
