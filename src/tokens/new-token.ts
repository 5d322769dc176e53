import { randomUUID } from "node:crypto";
import type { TokenOrigin, UserToken } from "../entities/user-token.js";

/** Where a request came from, kept with the token it made. Cut to what the columns hold. */
export interface RequestOrigin {
  ip: string | null;
  userAgent: string | null;
}

/** The row of a new token; nothing is stored yet. */
export function newToken(
  values: {
    userId: string;
    origin: TokenOrigin;
    scopes: string[];
    note?: string | null;
    expirationTime: Date | null;
    clientFingerprintHash?: string | null;
  },
  from: RequestOrigin,
  now: Date,
): UserToken {
  return {
    key: randomUUID(),
    userId: values.userId,
    origin: values.origin,
    note: values.note ?? null,
    scopes: values.scopes,
    enabled: true,
    // TypeORM's own version column would start at 1.
    version: 0,
    creationTime: now,
    expirationTime: values.expirationTime,
    lastUsageTime: null,
    revocationTime: null,
    previousVersionUntil: null,
    clientFingerprintHash: values.clientFingerprintHash ?? null,
    userAgent: from.userAgent?.slice(0, 255) ?? null,
    ip: from.ip?.slice(0, 45) ?? null,
  };
}
