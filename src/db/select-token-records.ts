import { instantColumn } from "../entities/instant.js";
import type { Role } from "../entities/role.js";
import type { User } from "../entities/user.js";
import type { TokenOrigin, UserToken } from "../entities/user-token.js";
import type { TokenRecord } from "../tokens/token-store.js";
import type { Database } from "./database.js";

/** A row as the drivers give it: flags as 0 or 1, instants as milliseconds. */
interface Row {
  key: string;
  userId: string;
  origin: TokenOrigin;
  note: string | null;
  scopes: string;
  tokenEnabled: number;
  version: number;
  tokenCreationTime: number;
  expirationTime: number | null;
  lastUsageTime: number | null;
  revocationTime: number | null;
  previousVersionUntil: number | null;
  clientFingerprintHash: string | null;
  userAgent: string | null;
  ip: string | null;
  username: string;
  email: string | null;
  phone: string | null;
  locale: string;
  role: Role;
  userEnabled: number;
  userCreationTime: number;
  lastLoginTime: number | null;
  tokensValidFrom: number | null;
  privilegesValidFrom: number | null;
}

const select = (placeholders: string) => `
  SELECT t.\`key\`, t.userId, t.origin, t.note, t.scopes, t.enabled AS tokenEnabled, t.version,
    t.creationTime AS tokenCreationTime, t.expirationTime, t.lastUsageTime, t.revocationTime,
    t.previousVersionUntil, t.clientFingerprintHash, t.userAgent, t.ip,
    u.username, u.email, u.phone, u.locale, u.role, u.enabled AS userEnabled,
    u.creationTime AS userCreationTime, u.lastLoginTime, u.tokensValidFrom,
    u.privilegesValidFrom
  FROM user_token t JOIN \`user\` u ON u.id = t.userId
  WHERE t.\`key\` IN (${placeholders})`;

/** The row check's one query: the tokens of these keys with their owners. */
export async function selectTokenRecords(
  database: Database,
  keys: readonly string[],
): Promise<Map<string, TokenRecord>> {
  const rows = (await database.select(select, keys)) as Row[];
  return new Map(rows.map((row) => [row.key, { token: tokenOf(row), user: userOf(row) }]));
}

const instant = (value: number) => new Date(value);
const maybeInstant = (value: number | null): Date | null => instantColumn.from(value) as Date | null;

function tokenOf(row: Row): UserToken {
  return {
    key: row.key,
    userId: row.userId,
    origin: row.origin,
    note: row.note,
    scopes: row.scopes.split(" ").filter(Boolean),
    enabled: row.tokenEnabled === 1,
    version: row.version,
    creationTime: instant(row.tokenCreationTime),
    expirationTime: maybeInstant(row.expirationTime),
    lastUsageTime: maybeInstant(row.lastUsageTime),
    revocationTime: maybeInstant(row.revocationTime),
    previousVersionUntil: maybeInstant(row.previousVersionUntil),
    clientFingerprintHash: row.clientFingerprintHash,
    userAgent: row.userAgent,
    ip: row.ip,
  };
}

function userOf(row: Row): User {
  return {
    id: row.userId,
    username: row.username,
    email: row.email,
    phone: row.phone,
    locale: row.locale,
    role: row.role,
    enabled: row.userEnabled === 1,
    creationTime: instant(row.userCreationTime),
    lastLoginTime: maybeInstant(row.lastLoginTime),
    tokensValidFrom: maybeInstant(row.tokensValidFrom),
    privilegesValidFrom: maybeInstant(row.privilegesValidFrom),
  };
}
