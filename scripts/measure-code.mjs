/**
 * Prints figures of the sources that show how hard they are to take over: sizes of files and functions, the share of
 * imports, import cycles, names that are declared twice, and ways round the type checker. Where a figure lists places,
 * `--verbose` prints them.
 *
 *   npm run measure:code                      src, and packages/<name>/src where there are any
 *   npm run measure:code -- --verbose DIR...  other folders
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import ts from "typescript";

const { values, positionals } = parseArgs({
  options: { verbose: { type: "boolean", default: false } },
  allowPositionals: true,
});

const packages = existsSync("packages") ? readdirSync("packages").map((name) => `packages/${name}/src`) : [];
const folders = (positionals.length > 0 ? positionals : ["src", ...packages]).filter((path) =>
  existsSync(path),
);

const paths = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map((name) => resolve(folder, name)),
);

/** A file, read once: its lines, its imports, what it declares, and its functions with a block as body. */
function readSource(path) {
  const text = readFileSync(path, "utf8");
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  const lineOf = (position) => tree.getLineAndCharacterOfPosition(position).line;
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  const codeLines = linesOfCode(tree, lineOf);
  const found = { imports: [], importLines: 0, declared: [], functions: [], any: [], assertions: [] };
  const visit = (node) => {
    inspect(node, found, lineOf);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  const disables = text
    .split("\n")
    .filter((line) => /eslint-disable|@ts-(ignore|expect-error|nocheck)/.test(line));
  return { path, lines, codeLines, disables, ...found };
}

/** The number of lines that hold a token: neither blank nor comment alone. */
function linesOfCode(tree, lineOf) {
  const held = new Set();
  const visit = (node) => {
    if (node.getChildCount(tree) === 0 && node.getWidth(tree) > 0) {
      for (let line = lineOf(node.getStart(tree)); line <= lineOf(node.getEnd()); line += 1) held.add(line);
    }
    for (const child of node.getChildren(tree)) if (!ts.isJSDoc(child)) visit(child);
  };
  visit(tree);
  return held.size;
}

function inspect(node, found, lineOf) {
  const first = lineOf(node.getStart());
  const length = lineOf(node.getEnd()) - first + 1;
  if (ts.isImportDeclaration(node) || (ts.isExportDeclaration(node) && node.moduleSpecifier)) {
    found.imports.push(node.moduleSpecifier.text);
    found.importLines += length;
  }
  if (node.parent && ts.isSourceFile(node.parent)) found.declared.push(...namesDeclaredBy(node));
  if (ts.isFunctionLike(node) && node.body && ts.isBlock(node.body)) {
    found.functions.push({ name: nameOf(node), line: first + 1, length });
  }
  if (node.kind === ts.SyntaxKind.AnyKeyword) found.any.push(first + 1);
  if (ts.isNonNullExpression(node)) found.assertions.push(first + 1);
}

function namesDeclaredBy(node) {
  if (
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isEnumDeclaration(node)
  ) {
    return node.name ? [node.name.text] : [];
  }
  if (!ts.isVariableStatement(node)) return [];
  const isFunction = ({ initializer }) =>
    initializer && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer));
  return node.declarationList.declarations
    .filter((one) => isFunction(one) && ts.isIdentifier(one.name))
    .map((one) => one.name.text);
}

const nameOf = (node) =>
  node.name?.getText() ??
  (ts.isVariableDeclaration(node.parent) ? node.parent.name.getText() : "(anonymous)");

const sources = paths.map(readSource);
const known = new Map(sources.map((source) => [source.path, source]));

/** The sources that one imports, types too. Packages of other people are none. */
function importedBy({ path, imports }) {
  const targets = imports
    .filter((name) => /^\.|^#wire\//.test(name))
    .map((name) => name.replace(/\.js$/, ".ts").replace(/^#wire/, resolve("packages/wire/src")))
    .map((name) => resolve(dirname(path), name));
  return [...new Set(targets)].filter((target) => known.has(target));
}

const edges = new Map(sources.map((source) => [source.path, importedBy(source)]));
const importers = new Map(sources.map(({ path }) => [path, 0]));
for (const targets of edges.values()) for (const to of targets) importers.set(to, importers.get(to) + 1);

/** Files that can reach themselves by imports. */
function filesInCycles() {
  return sources.filter(({ path }) => {
    const reached = new Set();
    const waiting = [...edges.get(path)];
    while (waiting.length > 0) {
      const next = waiting.pop();
      if (next === path) return true;
      if (reached.has(next)) continue;
      reached.add(next);
      waiting.push(...edges.get(next));
    }
    return false;
  });
}

function declaredTwice() {
  const places = new Map();
  for (const { path, declared } of sources) {
    for (const name of new Set(declared)) places.set(name, [...(places.get(name) ?? []), path]);
  }
  return [...places].filter(([, found]) => found.length > 1);
}

const short = (path) => relative(process.cwd(), path);
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const sorted = (numbers) => [...numbers].sort((a, b) => a - b);
const percentile = (numbers, share) => sorted(numbers)[Math.floor((numbers.length - 1) * share)];
const each = (key) =>
  sources.flatMap((source) =>
    source[key].map((line) => `${short(source.path)}${typeof line === "number" ? `:${line}` : ""}`),
  );

const functions = sources.flatMap(({ path, functions: own }) => own.map((one) => ({ ...one, path })));
const longest = [...functions].sort((a, b) => b.length - a.length).slice(0, 10);
const lines = sources.map((source) => source.lines);
const code = sum(sources.map(({ codeLines }) => codeLines));
const importLines = sum(sources.map((source) => source.importLines));
const smallWithOneImporter = sources.filter(({ path, lines: own }) => own < 40 && importers.get(path) === 1);
const dependencyTypes = sources.flatMap(({ path, declared }) =>
  declared.filter((name) => /^[A-Z]\w*Deps$/.test(name)).map((name) => `${short(path)} ${name}`),
);
const repeated = declaredTwice();

const rows = [
  ["files", sources.length],
  ["lines / lines of code", `${sum(lines)} / ${code}`],
  [
    "lines of a file: median / p90 / longest",
    [0.5, 0.9, 1].map((share) => percentile(lines, share)).join(" / "),
  ],
  ["import lines as share of code", `${((100 * importLines) / code).toFixed(1)} %`],
  [
    "functions with a block: median / p90 lines",
    [0.5, 0.9]
      .map((share) =>
        percentile(
          functions.map(({ length }) => length),
          share,
        ),
      )
      .join(" / "),
  ],
  [
    "longest function",
    longest[0].length,
    longest.map(({ path, name, line, length }) => `${length} ${short(path)}:${line} ${name}`),
  ],
  ["types whose name ends in Deps", dependencyTypes.length, dependencyTypes],
  [
    "files under 40 lines with one importer",
    smallWithOneImporter.length,
    smallWithOneImporter.map(({ path, lines: own }) => `${own} ${short(path)}`),
  ],
  [
    "functions and types of one name in several files",
    repeated.length,
    repeated.map(([name, found]) => `${name}: ${found.map(short).join(" ")}`),
  ],
  [
    "files in import cycles (types too)",
    filesInCycles().length,
    filesInCycles().map(({ path }) => short(path)),
  ],
  ["any", each("any").length, each("any")],
  ["non-null assertions (!)", each("assertions").length, each("assertions")],
  ["eslint-disable, @ts-ignore", each("disables").length, each("disables")],
];

const width = Math.max(...rows.map(([name]) => name.length));
for (const [name, value, places = []] of rows) {
  console.log(`${name.padEnd(width)}  ${value}`);
  if (values.verbose) for (const place of places) console.log(`    ${place}`);
}
