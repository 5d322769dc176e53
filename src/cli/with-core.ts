import type { Core } from "../core.js";
import { loadConfig } from "../config/load-config.js";
import { createLog } from "../lib/log.js";
import { tellCreated } from "./tell-created.js";

/** Runs a command on the configured database and closes it. The log, audit trail included, goes to standard error: the output is the command's. */
export async function withCore<T>(work: (core: Core) => Promise<T>): Promise<T> {
  const config = loadConfig();
  // Loaded only now: help and faults are told without it.
  const { openConfiguredCore } = await import("../main.js");
  const { core, created } = await openConfiguredCore(config, createLog(config.logLevel, process.stderr));
  // Whoever meant another folder's database learns here that this is a new one.
  for (const [what, where] of tellCreated(created)) {
    process.stderr.write(`latchkey: created the ${what} ${where}\n`);
  }
  try {
    return await work(core);
  } finally {
    await core.close();
  }
}
