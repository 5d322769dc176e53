import { Command } from "commander";
import { loadConfig } from "../config/load-config.js";

/** `latchkey config check` */
export function configCommand(): Command {
  const check = new Command("check")
    .description("say what is wrong with the environment variables, all at once; touches no database")
    .action(() => {
      const { database, issuer, server } = loadConfig();
      const target =
        database.kind === "sqlite"
          ? database.path
          : database.hosts.map(({ host, port }) => `${host}:${port}`).join(", ");
      process.stdout.write(
        `The configuration is valid.\n  issuer    ${issuer}\n  listen    ${server.host}:${server.port}\n  database  ${database.kind} ${target}\n`,
      );
    });
  return new Command("config").description("the configuration").addCommand(check);
}
