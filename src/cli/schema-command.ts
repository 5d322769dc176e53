import { Command } from "commander";

/** `latchkey schema print` */
export function schemaCommand(): Command {
  const print = new Command("print")
    .description("print the GraphQL schema; needs no database")
    .action(async () => {
      const { printContract } = await import("../graphql/build-schema.js");
      process.stdout.write(printContract());
    });
  return new Command("schema").description("the GraphQL contract").addCommand(print);
}
