import { v7 as uuidv7 } from "uuid";
import type { Role } from "../entities/role.js";
import type { UserToken } from "../entities/user-token.js";
import { LatchkeyError } from "../errors/latchkey-error.js";
import type { AccountDeps } from "./account-deps.js";
import type { UserWithPassword } from "./account-store.js";
import { checkRegistration } from "./check-registration.js";
import type { Registration } from "./check-registration.js";

/** UTF-16 units: more than any username, e-mail address or telephone number that is accepted has. */
const MAX_NAME = 512;

/**
 * Makes an account, with its first token if `firstToken` makes one, in one transaction.
 *
 * @throws BAD_USER_INPUT naming every bad value at once; CONFLICT naming every
 * identifier that is taken (a public name cannot be hidden); SERVICE_UNAVAILABLE
 * when too many passwords wait to be hashed; what `admit` throws.
 */
export async function createAccount(
  deps: AccountDeps,
  asked: Registration,
  options: {
    role: Role;
    firstToken?: (user: UserWithPassword, now: Date) => UserToken;
    /** Asked once all values are within bounds, before anything slow is done or told. */
    admit?: () => Promise<void>;
  },
): Promise<{ user: UserWithPassword; token: UserToken | null }> {
  // A name that is too long is refused anyway, and must cost nothing: to normalise hostile text takes quadratic time.
  const names = [asked.username, asked.email ?? "", asked.phone ?? ""].filter(
    (name) => name.length <= MAX_NAME,
  );
  const checked = checkRegistration(asked, await deps.passwords.check(asked.password, names));
  await options.admit?.();
  const passwordHash = await deps.passwords.hash(asked.password);
  const now = new Date(deps.clock());
  const { username, email, phone, locale } = checked;
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
  const taken = await deps.store.add(user, checked.identifiers, token);
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
