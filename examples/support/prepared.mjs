/** What has to be there before an example can run, and the command that makes it. */
import { existsSync } from "node:fs";

const NEEDED = [
  ["../../dist/cli/latchkey.js", "in the root folder: npm ci && npm run build"],
  ["../node_modules", "in the root folder: npm --prefix examples ci"],
];

/** Something that the reader has to do first: told without a stack. */
export class Unprepared extends Error {}

/** Throws `Unprepared` that says what to run first. */
export function requirePrepared() {
  const missing = NEEDED.filter(([path]) => !existsSync(new URL(path, import.meta.url)));
  if (missing.length > 0)
    throw new Unprepared(["Run this first,", ...missing.map(([, how]) => how)].join("\n  "));
}
