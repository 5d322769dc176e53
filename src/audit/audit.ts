import type { Logger } from "pino";

/** Every decision about a credential, by its name. */
export type AuditEvent =
  | "account.registered"
  | "registration.throttled"
  | "account.role_changed"
  | "account.enabled"
  | "account.disabled"
  | "login.succeeded"
  | "login.failed"
  | "login.throttled"
  | "login.bumped"
  | "invalid_token.throttled"
  | "logout"
  | "logout.refused"
  | "token.created"
  | "token.updated"
  | "token.rotated"
  | "token.reused"
  | "token.revoked"
  | "token.revoked_all"
  | "token.evicted"
  | "client.created"
  | "client.revoked"
  | "client.refused"
  | "key.rotated"
  | "key.retired"
  | "key.dropped"
  | "key.removed";

/** Who, what and from where; never a token, a password or a name that was typed in. */
export interface AuditRecord {
  event: AuditEvent;
  userId?: string;
  tokenKey?: string;
  ip?: string | null;
  [fact: string]: unknown;
}

export type Audit = (record: AuditRecord) => void;

/** Writes the audit trail as log lines marked `audit` (OWASP ASVS 16.2.1, 16.3.1). */
export function createAudit(log: Logger): Audit {
  return ({ event, ...facts }) => {
    log.info({ audit: event, ...facts }, event);
  };
}
