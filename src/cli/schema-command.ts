import { Command } from "commander";
import { loadConfig } from "../config/load-config.js";

/** `latchkey schema print` */
export function schemaCommand(): Command {
  const print = new Command("print")
    .description("print the GraphQL schema; needs no database")
    .option("--federation", "as supergraphs are composed of it: the subgraph, as FEDERATION_DIRECTIVES says")
    .action(async ({ federation }: { federation?: true }) => {
      // The settings count only where they change what is printed.
      const config = federation && loadConfig();
      const { printContract, printFederated } = await import("../graphql/build-schema.js");
      process.stdout.write(config ? printFederated(config.federation.directives) : printContract());
    });
  return new Command("schema").description("the GraphQL contract").addCommand(print);
}
