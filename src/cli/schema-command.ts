import { Command } from "commander";
import { loadConfig } from "../config/load-config.js";
import { warnOfNearNames } from "./warn-of-near-names.js";

interface PrintOptions {
  federation?: true;
  /** False for `--no-directives`. */
  directives: boolean;
}

/** `latchkey schema print` */
export function schemaCommand(): Command {
  const print = new Command("print")
    .description("print the GraphQL schema; needs no database")
    .option("--federation", "as supergraphs are composed of it: the subgraph, as FEDERATION_DIRECTIVES says")
    .option(
      "--no-directives",
      "with --federation: without @authenticated and @requiresScopes, for routers that refuse them, such as @apollo/gateway; start the gateway with FEDERATION_DIRECTIVES=off then",
    )
    .action(async ({ federation, directives }: PrintOptions, command: Command) => {
      if (!directives && !federation) command.error("error: --no-directives goes with --federation");
      // The settings count only where they change what is printed.
      if (federation) warnOfNearNames();
      const config = federation && loadConfig();
      const { printContract, printFederated } = await import("../graphql/build-schema.js");
      process.stdout.write(
        config ? printFederated(directives && config.federation.directives) : printContract(),
      );
    });
  return new Command("schema").description("the GraphQL contract").addCommand(print);
}
