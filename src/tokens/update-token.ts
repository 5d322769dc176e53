import type { UserToken } from "../entities/user-token.js";
import { LatchkeyError, badInput } from "../errors/latchkey-error.js";
import { isUuid } from "#wire/is-uuid.js";
import { recheckToken } from "./assert-token-usable.js";
import type { TokenDeps, TokenChanges, TokenRecord } from "./token-store.js";
import { checkExpiration, checkNote } from "./token-values.js";

/** What a caller asks to change. Undefined leaves a value as it is. */
interface TokenUpdate {
  note?: string | null;
  enabled?: boolean | null;
  expirationTime?: Date | null;
}

/**
 * Changes a live token of the caller's. What is left out stays; a null note clears it.
 * A shorter expiry works at once through the row, a longer one at the next
 * rotation: a JWT's own `exp` never moves.
 *
 * @throws NOT_FOUND when the caller has no such live token; BAD_USER_INPUT for a bad value;
 * UNAUTHENTICATED when the caller's own token ended meanwhile.
 */
export async function updateToken(
  deps: TokenDeps,
  caller: TokenRecord,
  key: string,
  asked: TokenUpdate,
): Promise<UserToken> {
  const changes = checkChanges(asked, deps.clock());
  const now = new Date(deps.clock());
  const { userId, key: by } = caller.token;
  const updated = isUuid(key) ? await deps.store.update({ userId, key, by }, changes, now) : null;
  if (!updated) {
    await recheckToken(deps, caller);
    throw new LatchkeyError("NOT_FOUND", { message: "You have no such live token." });
  }
  deps.audit({ event: "token.updated", userId, tokenKey: key, changed: Object.keys(changes) });
  return updated;
}

function checkChanges(asked: TokenUpdate, now: number): TokenChanges {
  const changes: TokenChanges = {};
  if (asked.note !== undefined) changes.note = checkNote(asked.note);
  if (asked.enabled === null) throw isNull("enabled");
  if (asked.enabled !== undefined) changes.enabled = asked.enabled;
  if (asked.expirationTime === null) throw isNull("expirationTime");
  if (asked.expirationTime !== undefined) {
    changes.expirationTime = checkExpiration(asked.expirationTime, now, null) ?? undefined;
  }
  return changes;
}

const isNull = (field: string) =>
  badInput({ path: [field], code: "REQUIRED", message: `${field} cannot be null; leave it out to keep it.` });
