import type { Core } from "../app.js";
import { loadConfig } from "../config/load-config.js";
import { createLog } from "../lib/log.js";
import { openConfiguredCore } from "../main.js";

/** Runs a command on the configured database and closes it. Logs go to standard error: the output is the command's. */
export async function withCore<T>(work: (core: Core) => Promise<T>): Promise<T> {
  const config = loadConfig();
  const level = config.logLevel === "info" ? "warn" : config.logLevel;
  const { core } = await openConfiguredCore(config, createLog(level, process.stderr));
  try {
    return await work(core);
  } finally {
    await core.close();
  }
}
