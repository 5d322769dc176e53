import { Command } from "commander";
import type { Config } from "../config/config.js";
import { describeDatabase } from "../config/describe-database.js";
import { listChanges } from "../config/read-settings.js";
import { loadConfig } from "../config/load-config.js";
import { warnOfNearNames } from "./warn-of-near-names.js";

/** `latchkey config check` */
export function configCommand(): Command {
  const check = new Command("check")
    .description(
      "say what is wrong with the environment variables, all at once, or what they change; touches no database",
    )
    .action(() => {
      warnOfNearNames();
      const config = loadConfig();
      process.stdout.write(`The configuration is valid.\n${table(summary(config))}${changes()}`);
    });
  return new Command("config").description("the configuration").addCommand(check);
}

type ConfigRow = [name: string, value: string];

function summary({ database, redis, issuer, server }: Config): ConfigRow[] {
  return [
    ["issuer", issuer],
    ["listen", `${server.host}:${server.port}`],
    ["database", `${database.kind} ${describeDatabase(database)}`],
    ...(redis ? [["redis", `${redis.host}:${redis.port}`] satisfies ConfigRow] : []),
  ];
}

function changes(): string {
  const rows = listChanges().map(({ name, value }): ConfigRow => [name, value]);
  return rows.length === 0
    ? "Every setting has its default.\n"
    : `Set to another value than the default:\n${table(rows)}`;
}

function table(rows: readonly ConfigRow[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}\n`).join("");
}
