import { Command } from "commander";
import { loadConfig } from "../config/load-config.js";

/** `latchkey config check` */
export function configCommand(): Command {
  const check = new Command("check")
    .description("say what is wrong with the environment variables, all at once; touches no database")
    .action(() => {
      const { database, redis, issuer, server } = loadConfig();
      const target =
        database.kind === "sqlite"
          ? database.path
          : database.hosts.map(({ host, port }) => `${host}:${port}`).join(", ");
      const nudges = redis ? `  redis     ${redis.host}:${redis.port}\n` : "";
      process.stdout.write(
        `The configuration is valid.\n  issuer    ${issuer}\n  listen    ${server.host}:${server.port}\n  database  ${database.kind} ${target}\n${nudges}`,
      );
    });
  return new Command("config").description("the configuration").addCommand(check);
}
