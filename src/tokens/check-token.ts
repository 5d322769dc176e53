import { coalesce } from "../lib/coalesce.js";
import type { TokenStanding, TokenStore } from "./token-store.js";

/** Answers how a token stands at a moment after the call; undefined for an unknown key. */
export type TokenCheck = (key: string) => Promise<TokenStanding | undefined>;

/**
 * The coalesced row check, the heart of the gateway: every answer is younger than its call, so a
 * revocation acknowledged anywhere before a request arrived is always seen.
 *
 * @throws SERVICE_UNAVAILABLE when the database cannot answer: the check fails closed.
 */
export function createTokenCheck(store: Pick<TokenStore, "standings">): TokenCheck {
  return coalesce((keys) => store.standings(keys));
}
