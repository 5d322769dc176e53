/** Runs every example, one after the other, and ends with how many passed. `npm run build` of Latchkey goes first. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { requirePrepared } from "./support/prepared.mjs";

try {
  requirePrepared();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

const folder = import.meta.dirname;
const examples = readdirSync(folder).filter((name) => existsSync(`${folder}/${name}/run.mjs`));
const failed = examples.filter((name) => {
  console.log(`\n== ${name}`);
  const options = { stdio: "inherit", timeout: 300_000 };
  const { status } = spawnSync(process.execPath, [`${folder}/${name}/run.mjs`], options);
  return status !== 0;
});
console.log(`\n${failed.map((name) => `${name} failed\n`).join("")}`);
console.log(`${examples.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length > 0 || examples.length === 0 ? 1 : 0;
