/**
 * Builds the gateway into `dist`, and the package `@latchkey/verify` into `packages/verify/dist`. The sources of
 * `packages/wire` are compiled into both: each imports them as `#wire/…` (see `imports` in its package.json).
 *
 * The build does not check types; `npm run check` does. It writes declarations for the verifier package only, because
 * other programs import that one.
 *
 * It replaces each file as a whole and never empties a folder. So a gateway that runs from `dist` continues to run, and
 * two builds at once end with the same files. It skips an output whose sources have not changed since the last build.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "@swc/core";
import { swcOptions } from "./swc-options.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const STAMP = "built-from";

/** `keeps`: folders inside the output that something else writes. */
const OUTPUTS = [
  { from: "src", to: "dist", keeps: ["wire", "orm"], declarations: false },
  { from: "packages/wire/src", to: "dist/wire", keeps: [], declarations: false },
  { from: "packages/wire/src", to: "packages/verify/dist/wire", keeps: [], declarations: true },
  { from: "packages/verify/src", to: "packages/verify/dist", keeps: ["wire"], declarations: true },
];

const filesIn = (folder, ending) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => name.endsWith(ending))
    .sort();

/** Identifies the sources, and the scripts that compile them. */
function digestOf(sources) {
  const hash = createHash("sha256");
  const settings = ["scripts/build.mjs", "scripts/swc-options.mjs"].map((name) =>
    readFileSync(join(ROOT, name)),
  );
  for (const content of settings) hash.update(content);
  for (const [name, text] of sources) hash.update(`${name}\0${text}\0`);
  return hash.digest("hex");
}

function readStamp(output) {
  try {
    return readFileSync(join(output, STAMP), "utf8");
  } catch {
    return null;
  }
}

/** Writes a file so that another process sees the old content or the new content, and never a part of it. */
function place(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, content);
  renameSync(temporary, path);
}

function compile(source, text, output) {
  const { code, map } = transformSync(text, {
    ...swcOptions,
    filename: source,
    sourceFileName: relative(dirname(output), source),
    sourceMaps: true,
    swcrc: false,
  });
  place(`${output}.map`, map);
  place(output, `${code}//# sourceMappingURL=${basename(output)}.map\n`);
}

/** Writes the declarations of one file. This needs no other file, as every export of the packages names its type. */
function declare(ts, source, text, output) {
  const { outputText, diagnostics } = ts.transpileDeclaration(text, {
    fileName: source,
    compilerOptions: {
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      verbatimModuleSyntax: true,
      isolatedDeclarations: true,
      declaration: true,
    },
  });
  const [fault] = diagnostics;
  if (fault) {
    const { line } = fault.file.getLineAndCharacterOfPosition(fault.start);
    const message = ts.flattenDiagnosticMessageText(fault.messageText, "\n");
    throw new Error(`${relative(ROOT, source)}:${line + 1}: ${message}`);
  }
  place(output, outputText);
}

/** Deletes modules whose source is gone. An import of one would still work here, and nowhere else. */
function removeStale(output, { keeps, declarations }, sources) {
  const known = new Set(sources.map(([name]) => name.replace(/\.ts$/, "")));
  for (const ending of [".js", ".js.map", ".d.ts"]) {
    const stale = filesIn(output, ending)
      .filter((name) => !keeps.includes(name.split("/")[0]))
      .filter((name) => !known.has(name.slice(0, -ending.length)) || (ending === ".d.ts" && !declarations));
    for (const name of stale) rmSync(join(output, name), { force: true });
  }
}

async function build({ from, to, ...rest }) {
  const [folder, output] = [join(ROOT, from), join(ROOT, to)];
  const sources = filesIn(folder, ".ts").map((name) => [name, readFileSync(join(folder, name), "utf8")]);
  const digest = digestOf(sources);
  if (readStamp(output) === digest) return;
  // It takes a third of a second to load, so only when it is needed.
  const ts = rest.declarations ? (await import("typescript")).default : undefined;
  for (const [name, text] of sources) {
    const base = join(output, name.replace(/\.ts$/, ""));
    if (ts) declare(ts, join(folder, name), text, `${base}.d.ts`);
    compile(join(folder, name), text, `${base}.js`);
  }
  removeStale(output, rest, sources);
  place(join(output, STAMP), digest);
}

for (const output of OUTPUTS) await build(output);
