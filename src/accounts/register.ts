import { Role } from "../entities/role.js";
import type { User } from "../entities/user.js";
import type { UserToken } from "../entities/user-token.js";
import { newToken, type RequestOrigin } from "../tokens/new-token.js";
import { scopesOfRole } from "../tokens/scopes.js";
import { checkExpiration } from "../tokens/token-values.js";
import type { AccountDeps } from "./account-store.js";
import { admitRegistration } from "./admit.js";
import type { Registration } from "./check-registration.js";
import { createAccount } from "./create-account.js";

/** A sign-in that succeeded: the JWT is shown here and nowhere else. */
export interface SignedIn {
  token: string;
  userToken: UserToken;
  user: User;
}

/**
 * Registers a visitor as a VIEWER, signed in by a token that works at once. A taken name or a weak password
 * counts against the source address as a failure, a new account as one of those that it may make; a value out of bounds
 * does not count.
 *
 * @throws what create-account throws; TOO_MANY_REQUESTS.
 */
export async function register(
  deps: AccountDeps,
  asked: Registration,
  from: RequestOrigin,
): Promise<SignedIn> {
  const firstToken = (user: User, now: Date) => {
    const expirationTime = checkExpiration(null, now.getTime(), deps.limits.lifetimeMs);
    const scopes = [...scopesOfRole(Role.VIEWER)];
    return newToken({ userId: user.id, origin: "login", scopes, expirationTime }, from, now);
  };
  const { user, token } = await createAccount(deps, asked, {
    role: Role.VIEWER,
    firstToken,
    admit: () => admitRegistration(deps, from),
  });
  if (!token) throw new Error("a registration makes a token");
  deps.audit({ event: "account.registered", userId: user.id, tokenKey: token.key, ip: from.ip });
  return { token: await deps.sign(token, user), userToken: token, user };
}
