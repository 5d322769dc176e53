import type { Core } from "../core.js";
import { describeDatabase } from "../config/describe-database.js";
import { loadConfig } from "../config/load-config.js";
import { createCommandLog } from "./command-log.js";
import { tellCreated } from "./tell-created.js";
import { warnOfNearNames } from "./warn-of-near-names.js";

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
