import { readFileSync } from "node:fs";

/**
 * Imported first, for its effect: an older Node lacks what the program is written with, and would say so by a stack
 * trace. Nothing that is imported before a command runs may need more than Node 18.
 */
const { engines } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  engines: { node: string };
};
const needed = engines.node.replace(">=", "");
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const [leastMajor = 0, leastMinor = 0] = needed.split(".").map(Number);

if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
  process.stderr.write(
    `latchkey: Node ${needed} or later is needed, and this is Node ${process.versions.node}. Install a newer one.\n`,
  );
  process.exit(1);
}
