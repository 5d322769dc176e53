import type { Role } from "../entities/role.js";
import { LatchkeyError } from "../errors/latchkey-error.js";
import type { AccountDeps } from "./account-store.js";

/**
 * Milliseconds that a change may take until every node sees it. A privilege token that is made meanwhile may
 * still say the old role; so all that claim to be issued before the end of this time are taken back.
 */
const SETTLES_WITHIN_MS = 2_000;

/**
 * Gives an account a role. Its tokens follow at once; privilege tokens that say the old role are refused
 * by verifiers that follow the revocation feed.
 *
 * @param by who does it, for the audit trail.
 * @throws NOT_FOUND when there is no such account.
 */
export async function changeRole(deps: AccountDeps, userId: string, role: Role, by: string): Promise<void> {
  const now = deps.clock();
  const { privilegeLifetimeMs } = deps.limits;
  // A whole second, as `iat` is.
  const settled = new Date(Math.ceil((now + SETTLES_WITHIN_MS) / 1_000) * 1_000);
  const change = { userId, role, now: new Date(now), settled, privilegeLifetimeMs };
  const found = await deps.store.setRole(change);
  if (!found) throw new LatchkeyError("NOT_FOUND", { message: "There is no such account." });
  deps.audit({ event: "account.role_changed", userId, role, by });
}
