/**
 * Compares schema.graphql with the schema that the build prints. Prints the first line that differs, and fails.
 *
 *   npm run schema:check
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const lines = (text) => text.replaceAll("\r\n", "\n").split("\n");
const kept = lines(readFileSync("schema.graphql", "utf8"));
const printed = lines(
  execFileSync(process.execPath, ["dist/cli/latchkey.js", "schema", "print"], { encoding: "utf8" }),
);
const at = Array.from({ length: Math.max(kept.length, printed.length) }).findIndex(
  (_, line) => kept[line] !== printed[line],
);
if (at >= 0) {
  console.error(`schema.graphql is not current: line ${at + 1} differs. Run: npm run schema`);
  console.error(`  in the file: ${kept[at] ?? "(end)"}\n  in the code: ${printed[at] ?? "(end)"}`);
  process.exitCode = 1;
}
