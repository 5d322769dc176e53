import type { LevelWithSilent, Logger } from "pino";
import type { AuditEvent } from "../audit/audit.js";
import { createLog } from "../lib/log.js";

/** The part of standard error that is used. */
interface ErrorStream {
  isTTY?: boolean;
  write(text: string): unknown;
}

type Facts = Record<string, unknown>;

/** The audit trail of commands as sentences. The account is named by its id, as on standard output. */
const SENTENCES: Partial<Record<AuditEvent, (facts: Facts) => string>> = {
  "account.registered": ({ userId }) => `the account ${text(userId)} was created`,
  "account.role_changed": ({ userId, role }) => `the account ${text(userId)} has the role ${text(role)}`,
  "account.enabled": ({ userId }) => `the account ${text(userId)} was enabled`,
  "account.disabled": ({ userId }) => `the account ${text(userId)} was disabled, and its tokens were ended`,
  "client.created": ({ clientId }) => `the client ${text(clientId)} was created`,
  "client.revoked": ({ clientId }) => `the client ${text(clientId)} was revoked`,
  "key.rotated": ({ kid }) => `the signing key ${text(kid)} was created`,
  "key.retired": ({ kid }) => `the signing key ${text(kid)} was called off`,
  "key.dropped": ({ kid }) => `the signing key ${text(kid)} was dropped`,
};

/**
 * The log of a command, on standard error. Where that is collected (a file, a pipe, a container's log) each line is
 * JSON, as the gateway's are. At a terminal a person reads it: each line is a sentence.
 */
export function createCommandLog(level: LevelWithSilent, stream: ErrorStream): Logger {
  return createLog(level, stream.isTTY ? { write: (line) => stream.write(sentenceOf(line)) } : stream);
}

function sentenceOf(line: string): string {
  const { level, msg, audit, ...facts } = JSON.parse(line) as Facts;
  if (typeof audit !== "string") return `latchkey: ${text(level)}: ${text(msg)}\n`;
  const sentence = SENTENCES[audit as AuditEvent]?.(facts) ?? audit;
  return `latchkey: audit: ${sentence}\n`;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
