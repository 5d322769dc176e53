import type { UserToken } from "../entities/user-token.js";
import { badInput } from "../errors/latchkey-error.js";
import { isUuid } from "#wire/is-uuid.js";
import type { TokenDeps, TokenCursor, TokenPage, TokenRecord } from "./token-store.js";

const MAX_PAGE = 100;

/**
 * One page of the caller's tokens, newest first.
 * @throws BAD_USER_INPUT when `first` is not 0 to 100 or `after` is not a cursor of ours.
 */
export function listTokens(
  deps: TokenDeps,
  caller: TokenRecord,
  page: { first: number; after: string | null; includeEnded: boolean },
): Promise<TokenPage> {
  const { first, includeEnded } = page;
  if (first < 0 || first > MAX_PAGE) {
    throw badInput({ path: ["first"], code: "OUT_OF_RANGE", message: `first is 0 to ${MAX_PAGE}.` });
  }
  const after = page.after === null ? null : readCursor(page.after);
  return deps.store.page({ userId: caller.user.id, now: new Date(deps.clock()), first, after, includeEnded });
}

/** The cursor just after this token. Opaque to clients. */
export function cursorOf(token: UserToken): string {
  return Buffer.from(`${token.creationTime.getTime()}:${token.key}`).toString("base64url");
}

function readCursor(cursor: string): TokenCursor {
  const [time = "", key = "", ...rest] = Buffer.from(cursor, "base64url").toString("latin1").split(":");
  const known = cursor.length < 100 && rest.length === 0 && /^\d{1,15}$/.test(time) && isUuid(key);
  if (!known)
    throw badInput({
      path: ["after"],
      code: "INVALID_FORMAT",
      message: "after is not a cursor of this list.",
    });
  return { creationTime: new Date(Number(time)), key };
}
