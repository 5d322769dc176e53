import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { ConfigError } from "../config/config-error.js";
import { LatchkeyError } from "../errors/latchkey-error.js";
import { clientsCommand } from "./clients-command.js";
import { configCommand } from "./config-command.js";
import { healthCommand } from "./health-command.js";
import { keysCommand } from "./keys-command.js";
import { migrateCommand } from "./migrate-command.js";
import { InterruptedError } from "./read-password.js";
import { schemaCommand } from "./schema-command.js";
import { serveCommand } from "./serve-command.js";
import { usersCommand } from "./users-command.js";

/** Exit codes. 130 is what shells return for a program that ^C ended. */
const FAILED = 1;
const MISUSED = 2;
const INTERRUPTED = 130;

/**
 * Runs the command that the command line names. An error is reported on standard error and sets the exit code.
 *
 * @throws the error of a module that cannot be loaded.
 */
export async function runProgram(): Promise<void> {
  try {
    await createProgram().parseAsync();
  } catch (error) {
    if ((error as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND") throw error;
    process.exitCode = report(error);
  }
}

function createProgram(): Command {
  const program = new Command("latchkey")
    .version(readVersion(), "--version", "print the version")
    .description(
      "GraphQL authentication gateway. Settings are environment variables: see `latchkey config check`.",
    )
    .addHelpText(
      "afterAll",
      "\nExit codes: 0 done, 1 failed, 2 the command line or the configuration is wrong, 130 cancelled at a prompt.",
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
  settleErrors(program);
  return program;
}

/** The version of the package that this file is built into. */
function readVersion(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/** A command that is added to another one does not inherit its settings. */
function settleErrors(command: Command): void {
  command.exitOverride().showHelpAfterError("(see --help)");
  command.commands.forEach(settleErrors);
}

/** Writes on standard error what is wrong, in words for an operator, and returns the exit code. */
function report(error: unknown): number {
  // Commander has written its message already. A request for help is not a failure.
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
