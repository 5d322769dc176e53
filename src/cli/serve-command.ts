import { Command } from "commander";
import { loadConfig } from "../config/load-config.js";
import { createLog, standardOutput } from "../lib/log.js";
import type { Started } from "../main.js";

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
      process.stderr.write(
        greeting(started, config.database.kind === "sqlite" ? config.database.path : null),
      );
    });
}

/** What a person at the terminal wants to know; logs go to standard output. */
function greeting({ url, secretFile, migrated }: Started, databaseFile: string | null): string {
  const made = [
    ...(databaseFile !== null && migrated.length > 0 ? [`  database  ${databaseFile}`] : []),
    ...(secretFile === null
      ? []
      : [`  secret    ${secretFile} (keep a copy: tokens and passwords depend on it)`]),
  ];
  const first = `curl -s ${url}/graphql -H 'content-type: application/json' \\
    -d '{"query":"mutation { register(input: {username: \\"ann\\", password: \\"correct horse battery\\"}) { token user { id username role } } }"}'`;
  return [
    "",
    `Latchkey is ready at ${url}/graphql`,
    ...(made.length > 0 ? ["", "Created:", ...made] : []),
    "",
    "A first query to paste:",
    "",
    `  ${first}`,
    "",
    "",
  ].join("\n");
}
