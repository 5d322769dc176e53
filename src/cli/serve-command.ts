import { Command } from "commander";
import { loadConfig } from "../config/load-config.js";
import { createLog, standardOutput } from "../lib/log.js";
import type { Started } from "../main.js";
import { tellCreated } from "./tell-created.js";

/** `latchkey serve` */
export function serveCommand(): Command {
  return new Command("serve")
    .description("run the gateway until SIGTERM; migrates the database first")
    .action(async () => {
      const config = loadConfig();
      // Loaded only now: help and faults are told without it.
      const { serve } = await import("../main.js");
      const { destination, flush } = standardOutput();
      const started = await serve(config, createLog(config.logLevel, destination), flush);
      process.stderr.write(greeting(started, config.issuer));
    });
}

/** What a person at the terminal wants to know; logs go to standard output. */
function greeting({ url, created }: Started, issuer: string): string {
  const made = tellCreated(created).map(([what, where]) => `  ${what.padEnd(8)}  ${where}`);
  return [
    "",
    `Latchkey is ready at ${url}/graphql`,
    `Issuer  ${issuer}`,
    ...(made.length > 0 ? ["", "Created:", ...made] : []),
    "",
    // It makes nothing: the sessions of the documentation start with no account.
    "A first query to paste; it answers null, for nobody is signed in yet:",
    "",
    `  curl -s ${url}/graphql -H 'content-type: application/json' -d '{"query":"{ me { username } }"}'`,
    "",
    "",
  ].join("\n");
}
