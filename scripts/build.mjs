/**
 * Builds `src` into `dist`, without a look at the types: `npm run check` checks them, and `npm run build:types` writes
 * the declarations.
 *
 * Every file is put in its place whole, and nothing is emptied first: a gateway that runs from `dist` goes on, and
 * several builds at once end with the same files. Where the sources are those of the last build, nothing is done.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "@swc/core";
import { swcOptions } from "./swc-options.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SOURCES = join(ROOT, "src");
const OUTPUT = join(ROOT, "dist");
const STAMP = join(OUTPUT, "built-from");

const filesIn = (folder, ending) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .sort();

/** Names the sources, and what turns them into the build. */
function digestOf(sources) {
  const hash = createHash("sha256");
  const settings = ["scripts/build.mjs", "scripts/swc-options.mjs"].map((name) =>
    readFileSync(join(ROOT, name)),
  );
  for (const content of settings) hash.update(content);
  for (const [name, text] of sources) hash.update(`${name}\0${text}\0`);
  return hash.digest("hex");
}

function readStamp() {
  try {
    return readFileSync(STAMP, "utf8");
  } catch {
    return null;
  }
}

/** Another process sees the old file or the new one, never half of it. */
function place(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, content);
  renameSync(temporary, path);
}

function buildFile(name, text) {
  const output = join(OUTPUT, name.replace(/\.ts$/, ".js"));
  const sourceFileName = relative(dirname(output), join(SOURCES, name));
  const { code, map } = transformSync(text, {
    ...swcOptions,
    filename: join(SOURCES, name),
    sourceFileName,
    sourceMaps: true,
    swcrc: false,
  });
  place(`${output}.map`, map);
  place(output, `${code}//# sourceMappingURL=${output.slice(dirname(output).length + 1)}.map\n`);
}

/** Modules whose source is gone: imported by mistake, they would still work here, and nowhere else. */
function removeStale(sources) {
  const known = new Set(sources.map(([name]) => name.replace(/\.ts$/, "")));
  for (const ending of [".js", ".js.map", ".d.ts"]) {
    for (const name of filesIn(OUTPUT, ending)) {
      const isOurs = !name.startsWith("orm/");
      if (isOurs && !known.has(name.slice(0, -ending.length))) rmSync(join(OUTPUT, name), { force: true });
    }
  }
}

const sources = filesIn(SOURCES, ".ts").map((name) => [name, readFileSync(join(SOURCES, name), "utf8")]);
const digest = digestOf(sources);
if (readStamp() !== digest) {
  for (const [name, text] of sources) buildFile(name, text);
  removeStale(sources);
  place(STAMP, digest);
}
