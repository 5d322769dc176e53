import { assertTokenUsable } from "./assert-token-usable.js";
import type { TokenDeps } from "./token-deps.js";
import type { TokenRecord } from "./token-store.js";

/**
 * Looks whether the caller's token still stands, after a store has refused to act for it.
 *
 * @returns the caller as the rows say now.
 * @throws UNAUTHENTICATED when it ended meanwhile.
 */
export async function recheckToken(
  deps: Pick<TokenDeps, "store" | "clock">,
  { token: { key, userId } }: TokenRecord,
): Promise<TokenRecord> {
  const record = (await deps.store.findRecords([key])).get(key);
  assertTokenUsable({ sub: userId, sid: key, ver: null }, record, deps.clock());
  return record;
}
