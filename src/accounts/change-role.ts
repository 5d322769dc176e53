import type { Role } from "../entities/role.js";
import { LatchkeyError } from "../errors/latchkey-error.js";
import type { AccountDeps } from "./account-store.js";

/**
 * Changes the role of an account. Its user tokens have the new role at once. Verifiers that follow the revocation feed
 * refuse the privilege tokens that state the old role.
 *
 * @param by who changes it, for the audit trail.
 * @throws NOT_FOUND when there is no such account.
 */
export async function changeRole(deps: AccountDeps, userId: string, role: Role, by: string): Promise<void> {
  const { privilegeLifetimeMs } = deps.limits;
  const found = await deps.store.setRole({ userId, role, now: new Date(deps.clock()), privilegeLifetimeMs });
  if (!found) throw new LatchkeyError("NOT_FOUND", { message: "There is no such account." });
  deps.audit({ event: "account.role_changed", userId, role, by });
}
