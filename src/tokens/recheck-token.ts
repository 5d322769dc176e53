import { judgeStanding } from "./assert-token-usable.js";
import type { TokenDeps } from "./token-deps.js";
import type { TokenStanding } from "./token-store.js";

/**
 * Looks whether the caller's token still stands, after a store has refused to act for it.
 *
 * @returns the caller as the rows say now.
 * @throws UNAUTHENTICATED when it ended meanwhile.
 */
export async function judgeAgain(
  deps: Pick<TokenDeps, "store" | "clock">,
  { token: { key, userId } }: TokenStanding,
): Promise<TokenStanding> {
  const standing = (await deps.store.standings([key])).get(key);
  judgeStanding({ sub: userId, sid: key, ver: null }, standing, deps.clock());
  return standing;
}
