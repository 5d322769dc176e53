import { Command } from "commander";
import { withCore } from "./with-core.js";

/** `latchkey migrate` */
export function migrateCommand(): Command {
  return new Command("migrate")
    .description("bring the database schema up to date, and make the first signing key; `serve` does it too")
    .action(() =>
      withCore("creates", ({ migrated }) => {
        const text =
          migrated.length === 0 ? "Nothing to do: the schema is up to date." : `Ran: ${migrated.join(", ")}`;
        process.stdout.write(`${text}\n`);
        return Promise.resolve();
      }),
    );
}
