import { Role } from "../entities/role.js";
import { badInput } from "../errors/latchkey-error.js";

const EVERYONE = ["account:read", "account:write", "tokens:manage"];
const ADMIN = [...EVERYONE, "users:read", "users:manage", "audit:read"];

/** What each role may do at most. */
const ROLE_SCOPES: Record<Role, readonly string[]> = {
  [Role.VIEWER]: EVERYONE,
  [Role.USER]: EVERYONE,
  [Role.ADMIN]: ADMIN,
  [Role.ROOT]: [...ADMIN, "keys:manage"],
};

const LEVELS: Record<Role, number> = { [Role.VIEWER]: 0, [Role.USER]: 1, [Role.ADMIN]: 2, [Role.ROOT]: 3 };

/** 0 to 3, higher is stronger. */
export const privilegeLevelOf = (role: Role): number => LEVELS[role];

/** All scopes of a role: what a token gets when none are asked for. */
export const scopesOfRole = (role: Role): readonly string[] => ROLE_SCOPES[role];

/** What a token may do now: a role that shrank after the token was made shrinks the token with it. */
export function effectiveScopes(tokenScopes: readonly string[], role: Role): string[] {
  return tokenScopes.filter((scope) => ROLE_SCOPES[role].includes(scope));
}

/**
 * The scopes of a new token: all that are `allowed` when none are asked for,
 * else exactly those asked for, each once.
 * @throws BAD_USER_INPUT when one of them is not allowed.
 */
export function grantScopes(
  asked: readonly string[] | null | undefined,
  allowed: readonly string[],
): string[] {
  if (asked == null) return [...allowed];
  const excess = asked.some((scope) => !allowed.includes(scope));
  if (excess) {
    throw badInput({
      path: ["scopes"],
      code: "NOT_ALLOWED",
      message: `A scope is not allowed here. Allowed: ${allowed.join(", ") || "none"}.`,
    });
  }
  return [...new Set(asked)];
}
