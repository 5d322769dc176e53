#!/usr/bin/env node
import "./refuse-old-node.js";
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { ConfigError } from "../config/config-error.js";
import { LatchkeyError } from "../errors/latchkey-error.js";
import { clientsCommand } from "./clients-command.js";
import { configCommand } from "./config-command.js";
import { healthCommand } from "./health-command.js";
import { InterruptedError } from "./read-password.js";
import { keysCommand } from "./keys-command.js";
import { migrateCommand } from "./migrate-command.js";
import { schemaCommand } from "./schema-command.js";
import { serveCommand } from "./serve-command.js";
import { usersCommand } from "./users-command.js";

/** Exit codes: 0 done, 1 failed, 2 the command line or the configuration is wrong, 130 broken off, as shells have it for ^C. */
const FAILED = 1;
const MISUSED = 2;
const INTERRUPTED = 130;

/** Of the package that this file is built into. */
const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

const program = new Command("latchkey")
  .version(version, "--version", "print the version")
  .description(
    "GraphQL authentication gateway. Settings are environment variables: see `latchkey config check`.",
  )
  .addHelpText(
    "afterAll",
    "\nExit codes: 0 done, 1 failed, 2 the command line or the configuration is wrong, 130 broken off at a question.",
  );
const commands = [
  serveCommand(),
  migrateCommand(),
  usersCommand(),
  keysCommand(),
  clientsCommand(),
  schemaCommand(),
  configCommand(),
  healthCommand(),
];
for (const command of commands) program.addCommand(command);

/** Verbs that are added inherit nothing. */
function settleErrors(command: Command): void {
  command.exitOverride().showHelpAfterError("(see --help)");
  command.commands.forEach(settleErrors);
}

settleErrors(program);
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says on standard error what is wrong, in words for an operator, and answers the exit code. */
function report(error: unknown): number {
  // Commander has said it already; asking for help is no failure.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : MISUSED;
  const say = (text: string) => process.stderr.write(`latchkey: ${text}\n`);
  if (error instanceof ConfigError) {
    say(error.message);
    return MISUSED;
  }
  if (error instanceof InterruptedError) {
    say(error.message);
    return INTERRUPTED;
  }
  if (error instanceof LatchkeyError) {
    const faults = (error.fields ?? []).map(({ path, message }) => `\n  ${path.join(".")}: ${message}`);
    say(`${error.detail ?? error.message}${faults.join("")}`);
    return FAILED;
  }
  say(error instanceof Error ? error.message : "failed");
  return FAILED;
}
