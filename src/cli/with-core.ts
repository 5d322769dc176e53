import type { LevelWithSilent, Logger } from "pino";
import type { AuditEvent } from "../audit/audit.js";
import { describeDatabase } from "../config/describe-database.js";
import { loadConfig } from "../config/load-config.js";
import type { Core, Created } from "../core.js";
import { createLog } from "../lib/log.js";
import { warnOfNearNames } from "./warn-of-near-names.js";

/** What a start made, and where; nothing when everything was there. */
export function tellCreated({ databaseFile, secretFile }: Created): [what: string, where: string][] {
  const told: [string, string][] = [];
  if (databaseFile !== null) told.push(["database", databaseFile]);
  if (secretFile !== null) {
    told.push(["secret", `${secretFile} (keep a copy: tokens and passwords depend on it)`]);
  }
  return told;
}

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

/** What a command does to the database. Only one that creates makes a database where there is none. */
export type Access = "reads" | "writes" | "creates";

/**
 * Runs a command on the configured database and closes it. The log, audit trail included, goes to standard error: the
 * output is the command's.
 *
 * @throws what opening the core throws: NOT_FOUND, for one, when there is no database.
 */
export async function withCore<T>(access: Access, work: (core: Core) => Promise<T>): Promise<T> {
  warnOfNearNames();
  const config = loadConfig();
  // Loaded only now: help and faults are told without it.
  const { openConfiguredCore } = await import("../core.js");
  const log = createCommandLog(config.logLevel, process.stderr);
  const { core, created } = await openConfiguredCore(config, log, { mayCreate: access === "creates" });
  const say = (text: string) => process.stderr.write(`latchkey: ${text}\n`);
  // Before anything is asked or changed: whoever meant another database learns it here.
  if (access !== "reads") say(`database: ${describeDatabase(config.database)}`);
  for (const [what, where] of tellCreated(created)) say(`created the ${what} ${where}`);
  try {
    return await work(core);
  } finally {
    await core.close();
  }
}
