import { Role } from "../../../src/entities/role.js";
import type { User } from "../../../src/entities/user.js";
import type { UserToken } from "../../../src/entities/user-token.js";
import type { TokenRecord } from "../../../src/tokens/token-store.js";

export const NOW = Date.parse("2030-01-01T12:00:00Z");
export const USER_ID = "0198c0de-0000-7000-8000-000000000001";
export const KEY = "7b1f6b58-5f0c-4b8e-9d55-0c6c3a5d1a02";

/** A valid token of a valid user, but for what is given. */
export function standingWith(token: Partial<UserToken> = {}, user: Partial<User> = {}): TokenRecord {
  return {
    token: {
      key: KEY,
      userId: USER_ID,
      origin: "login",
      note: null,
      scopes: ["account:read", "tokens:manage"],
      enabled: true,
      version: 0,
      creationTime: new Date(NOW - 60_000),
      expirationTime: new Date(NOW + 3_600_000),
      lastUsageTime: null,
      revocationTime: null,
      previousVersionUntil: null,
      clientFingerprintHash: null,
      userAgent: null,
      ip: null,
      ...token,
    },
    user: {
      id: USER_ID,
      username: "ann",
      email: null,
      phone: null,
      locale: "en",
      role: Role.VIEWER,
      enabled: true,
      creationTime: new Date(NOW - 120_000),
      lastLoginTime: null,
      tokensValidFrom: null,
      privilegesValidFrom: null,
      ...user,
    },
  };
}

/** A BAD_USER_INPUT that names exactly one value. */
export const badValue = (path: string, code: string): Error =>
  expect.objectContaining({
    code: "BAD_USER_INPUT",
    fields: [expect.objectContaining({ path: [path], code })],
  });
