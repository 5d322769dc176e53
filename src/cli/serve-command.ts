import { Command } from "commander";
import { loadConfig } from "../config/load-config.js";
import { createLog, standardOutput } from "../lib/log.js";
import { greeting } from "./greeting.js";
import { warnOfNearNames } from "./warn-of-near-names.js";

/** `latchkey serve` */
export function serveCommand(): Command {
  return new Command("serve")
    .description("run the gateway until SIGTERM; migrates the database first")
    .action(async () => {
      const warnings = warnOfNearNames();
      const config = loadConfig();
      // Loaded only now: help and faults are told without it.
      const { serve } = await import("../serve.js");
      const { destination, flush } = standardOutput();
      const log = createLog(config.logLevel, destination);
      for (const warning of warnings) log.warn(warning);
      process.stderr.write(greeting(await serve(config, log, flush), config));
    });
}
