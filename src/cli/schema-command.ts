import { Command } from "commander";
import { printContract } from "../graphql/build-schema.js";

/** `latchkey schema print` */
export function schemaCommand(): Command {
  const print = new Command("print").description("print the GraphQL schema; needs no database").action(() => {
    process.stdout.write(printContract());
  });
  return new Command("schema").description("the GraphQL contract").addCommand(print);
}
