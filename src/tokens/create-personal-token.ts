import { badInput } from "../errors/latchkey-error.js";
import { notBefore } from "../revocation/issued-after.js";
import { recheckToken } from "./assert-token-usable.js";
import { newToken, type RequestOrigin } from "./new-token.js";
import { effectiveScopes, grantScopes } from "./scopes.js";
import type { IssuedToken, TokenDeps, TokenRecord } from "./token-store.js";
import { checkExpiration, checkNote } from "./token-values.js";

/**
 * Makes a personal token: the caller's own, of the caller's scopes or fewer.
 *
 * @throws BAD_USER_INPUT for a missing note, a scope the caller's token has not,
 * an impossible expiry, or when the user holds the most live tokens allowed;
 * UNAUTHENTICATED when the caller's token, or account, ended meanwhile.
 */
export async function createPersonalToken(
  deps: TokenDeps,
  caller: TokenRecord,
  asked: { note: string; scopes?: string[] | null; expirationTime?: Date | null },
  from: RequestOrigin,
): Promise<IssuedToken> {
  const note = checkNote(asked.note);
  if (note === null) throw badInput({ path: ["note"], code: "REQUIRED", message: "Give the token a name." });
  const now = deps.clock();
  const { user } = caller;
  const scopes = grantScopes(asked.scopes, effectiveScopes(caller.token.scopes, user.role));
  const expirationTime = checkExpiration(asked.expirationTime, now, deps.limits.lifetimeMs);
  const values = { userId: user.id, origin: "personal", note, scopes, expirationTime } as const;
  const userToken = newToken(values, from, new Date(notBefore(now, user.tokensValidFrom)));
  const { maxLivePerUser } = deps.limits;
  if (!(await deps.store.addPersonal(userToken, caller.token.key, maxLivePerUser)))
    throw await limitReached(deps, caller);
  deps.audit({ event: "token.created", userId: user.id, tokenKey: userToken.key, ip: from.ip });
  return { token: await deps.sign(userToken, user), userToken };
}

/** The store refuses for one of two reasons: the caller's token ended meanwhile, or the house is full. */
async function limitReached(deps: TokenDeps, caller: TokenRecord): Promise<Error> {
  await recheckToken(deps, caller);
  const { maxLivePerUser } = deps.limits;
  return badInput({
    path: [],
    code: "LIMIT_REACHED",
    message: `An account holds at most ${maxLivePerUser} live tokens. Revoke one first.`,
  });
}
