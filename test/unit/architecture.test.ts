import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import ts from "typescript";

/** A folder (or file) of src may import itself and any ring above its own; never a neighbour, never below. */
const RINGS = [
  ["lib"],
  ["errors"],
  ["config", "entities"],
  ["passwords", "keys", "limits", "audit", "revocation"],
  ["tokens", "clients"],
  ["accounts", "verify"],
  ["credentials"],
  ["graphql", "db", "notifications"],
  ["maintenance"],
  ["core"],
  ["http"],
  ["app"],
  ["serve"],
  ["cli"],
];
/** Known to these only, although the rings alone would allow more. */
const PRIVATE_TO: Record<string, string[]> = { db: ["core"], notifications: ["core"], verify: [] };
/** Folders that other programs load: they may see no more than this, although the rings alone would allow it. */
const SEES: Record<string, RegExp> = {
  verify:
    /^src\/(?:lib\/(?:clock|is-base64url|is-uuid)|errors\/[\w-]+|tokens\/jwt\/(?:parse-jwt|check-claims|read-claims))\.ts$/,
};
/** Packages that such a folder loads, all the way down. */
const LOADS: Record<string, string[]> = { verify: ["graphql", "lru-cache"] };
const MAX_LINES = 400;

interface File {
  /** With forward slashes, from the root of the repository. */
  path: string;
  text: string;
}
interface Edge {
  from: string;
  to: string;
}

const fileToSource = (path: string) => path.replace(/\.js$/, ".ts");
const areaOf = (path: string) =>
  path
    .replace(/^src\//, "")
    .replace(/\.ts$/, "")
    .split("/")[0]!;
const ringOf = (path: string) => RINGS.findIndex((ring) => ring.includes(areaOf(path)));
const inSrc = (path: string) => path.startsWith("src/");

/** Every relative import of a file: value and `import type`, re-exports, and dynamic imports. */
function edgesOf(file: File): Edge[] {
  return ts
    .preProcessFile(file.text)
    .importedFiles.filter(({ fileName }) => fileName.startsWith("."))
    .map(({ fileName }) => ({
      from: file.path,
      to: fileToSource(posix.join(dirname(file.path), fileName)),
    }));
}

function ringFault({ from, to }: Edge): string | undefined {
  const edge = `${from} -> ${to}`;
  if (!inSrc(to)) return `${edge}: leaves src`;
  if (areaOf(from) === areaOf(to)) return undefined;
  if (ringOf(to) < 0 || ringOf(to) >= ringOf(from)) return `${edge}: points away from lib`;
  const friends = PRIVATE_TO[areaOf(to)];
  if (friends !== undefined && !friends.includes(areaOf(from)))
    return `${edge}: only for ${friends.join(", ") || "nobody"}`;
  return SEES[areaOf(from)]?.test(to) === false ? `${edge}: too much for another program` : undefined;
}

/** Packages that loading a file loads: imports of types are gone by then. */
function packagesOf(path: string, sources: ReadonlyMap<string, string>, seen = new Set<string>()): string[] {
  if (seen.has(path)) return [];
  seen.add(path);
  const { outputText } = ts.transpileModule(sources.get(path) ?? "", {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2023,
      verbatimModuleSyntax: true,
    },
  });
  return ts
    .preProcessFile(outputText)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => !name.startsWith("node:"))
    .flatMap((name) =>
      name.startsWith(".")
        ? packagesOf(fileToSource(posix.join(dirname(path), name)), sources, seen)
        : [name],
    );
}

function loadFaults(sources: readonly File[]): string[] {
  const texts = new Map(sources.map(({ path, text }) => [path, text]));
  return Object.entries(LOADS).flatMap(([area, allowed]) => {
    const loaded = packagesOf(`src/${area}/index.ts`, texts);
    const excess = [...new Set(loaded)].filter((name) => !allowed.includes(name));
    return excess.map((name) => `src/${area}: loads ${name}`);
  });
}

/** Tarjan's strongly connected components: each circle of imports, as a sorted list of files. */
function circles(edges: readonly Edge[]): string[][] {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (node: string) => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    stack.push(node);
    for (const to of next.get(node) ?? []) {
      if (!index.has(to)) visit(to);
      if (stack.includes(to)) low.set(node, Math.min(low.get(node)!, low.get(to)!));
    }
    if (low.get(node) !== index.get(node)) return;
    const circle = stack.splice(stack.indexOf(node)).sort();
    if (circle.length > 1 || next.get(node)?.includes(node)) found.push(circle);
  };
  for (const { from } of edges) if (!index.has(from)) visit(from);
  return found;
}

const isNamed = (node: ts.Node, name: string) => ts.isIdentifier(node) && node.text === name;

/** `owner.member`, `owner["member"]`, `globalThis.owner.member` and `const { member } = owner`. */
function reads(node: ts.Node, owner: string, member: string): boolean {
  const isOwner = (it: ts.Node | undefined): boolean =>
    it !== undefined &&
    (isNamed(it, owner) || (ts.isPropertyAccessExpression(it) && isNamed(it.name, owner)));
  if (ts.isPropertyAccessExpression(node)) return isNamed(node.name, member) && isOwner(node.expression);
  if (ts.isElementAccessExpression(node)) {
    const { argumentExpression: key } = node;
    return ts.isStringLiteralLike(key) && key.text === member && isOwner(node.expression);
  }
  if (!ts.isVariableDeclaration(node) || !ts.isObjectBindingPattern(node.name)) return false;
  return (
    isOwner(node.initializer) && node.name.elements.some((it) => isNamed(it.propertyName ?? it.name, member))
  );
}

const importsEnv = (node: ts.Node) =>
  ts.isImportDeclaration(node) &&
  /^"(node:)?process"$/.test(node.moduleSpecifier.getText()) &&
  /\benv\b/.test(node.importClause?.namedBindings?.getText() ?? "");

const makesNow = (node: ts.Node) =>
  (ts.isNewExpression(node) && isNamed(node.expression, "Date") && (node.arguments?.length ?? 0) === 0) ||
  (ts.isCallExpression(node) && isNamed(node.expression, "Date"));

const isDefaultExport = (node: ts.Node) =>
  ts.isExportAssignment(node) ||
  (node.kind === ts.SyntaxKind.DefaultKeyword && !ts.isDefaultClause(node.parent)) ||
  (ts.isExportSpecifier(node) && isNamed(node.name, "default"));

const NODE_RULES: {
  fault: string;
  allowed: (path: string) => boolean;
  matches: (node: ts.Node) => boolean;
}[] = [
  {
    fault: "reads the environment",
    allowed: (path) => path.startsWith("src/config/"),
    matches: (node) => reads(node, "process", "env") || importsEnv(node),
  },
  {
    fault: "reads the time",
    allowed: (path) => path === "src/lib/clock.ts",
    matches: (node) => reads(node, "Date", "now") || makesNow(node),
  },
  {
    // Measuring how long something took is the business of the edge, where it becomes a metric.
    fault: "measures time",
    allowed: (path) => path === "src/lib/clock.ts" || path.startsWith("src/http/"),
    matches: (node) => reads(node, "performance", "now") || reads(node, "process", "hrtime"),
  },
  { fault: "has a default export", allowed: () => false, matches: isDefaultExport },
];

function nodeFaults(file: File): string[] {
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
  const rules = NODE_RULES.filter(({ allowed }) => !allowed(file.path));
  const faults = new Set<string>();
  const walk = (node: ts.Node) => {
    for (const { fault, matches } of rules) if (matches(node)) faults.add(`${file.path}: ${fault}`);
    node.getChildren(source).forEach(walk);
  };
  walk(source);
  return [...faults];
}

/** Everything that breaks the rules of the architecture, one line each; empty when nothing does. */
function violations(files: readonly File[]): string[] {
  const sources = files.filter(({ path }) => inSrc(path));
  const edges = sources.flatMap(edgesOf);
  return [
    ...sources.filter(({ path }) => ringOf(path) < 0).map(({ path }) => `${path}: belongs to no ring`),
    ...edges.map(ringFault).filter((fault) => fault !== undefined),
    ...circles(edges).map((circle) => `${circle.join(", ")}: a circle`),
    ...files
      .filter(({ text }) => text.trimEnd().split("\n").length > MAX_LINES)
      .map(({ path }) => `${path}: longer than ${MAX_LINES} lines`),
    ...sources.flatMap(nodeFaults),
    ...loadFaults(sources),
  ];
}

const ROOT = join(import.meta.dirname, "../..");
const REPOSITORY = ["src", "test", "bench"].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.m?ts$|\.mjs$/.test(name))
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
    .map((path): File => ({ path, text: readFileSync(join(ROOT, path), "utf8") })),
);
/** The faults of a tree of our own making, given as `path: text`. */
const faultsOf = (tree: Record<string, string>) =>
  violations(Object.entries(tree).map(([path, text]) => ({ path, text })));

describe("the repository", () => {
  it("keeps every rule of the architecture", () => {
    expect(REPOSITORY.length).toBeGreaterThan(10);
    expect(violations(REPOSITORY)).toEqual([]);
  });
});

describe("the rules, held against trees that break them", () => {
  it("accepts imports that point towards lib", () => {
    const tree = {
      "src/tokens/a.ts": `import { b } from "../lib/b.js"; import { c } from "./c.js"; import x from "typeorm";`,
      "src/core.ts": `import { a } from "./tokens/a.js"; import type { s } from "./db/stores/s.js";`,
    };
    expect(faultsOf(tree)).toEqual([]);
  });

  it.each([
    ["downwards", "src/lib/a.ts", `import { b } from "../tokens/b.js";`],
    ["downwards by type", "src/lib/a.ts", `import type { b } from "../tokens/b.js";`],
    ["downwards by re-export", "src/lib/a.ts", `export * from "../tokens/b.js";`],
    ["downwards when called for", "src/lib/a.ts", `const b = await import("../tokens/b.js");`],
    ["into the neighbour", "src/keys/a.ts", `import { b } from "../audit/b.js";`],
    ["into no ring", "src/tokens/a.ts", `import { b } from "../helpers/b.js";`],
  ])("refuses an import %s", (_name, path, text) => {
    expect(faultsOf({ [path]: text })).toEqual([expect.stringMatching(/points away from lib$/)]);
  });

  it("refuses an import that leaves src", () => {
    expect(faultsOf({ "src/app.ts": `import { b } from "../ormconfig.js";` })).toEqual([
      "src/app.ts -> ormconfig.ts: leaves src",
    ]);
  });

  it("shows the database to the core only", () => {
    expect(faultsOf({ "src/http/a.ts": `import { b } from "../db/b.js";` })).toEqual([
      "src/http/a.ts -> src/db/b.ts: only for core",
    ]);
  });

  it("lets nobody see the verifier, and the verifier what other programs need not load", () => {
    const tree = {
      "src/app.ts": `import { v } from "./verify/index.js";`,
      "src/verify/a.ts": `import { p } from "../tokens/jwt/parse-jwt.js"; import { k } from "../keys/key-ring.js";`,
      "src/verify/b.ts": `import type { k } from "../tokens/jwt/sign-jwt.js"; import { l } from "../lib/log.js";`,
    };
    expect(faultsOf(tree)).toEqual([
      "src/app.ts -> src/verify/index.ts: only for nobody",
      "src/verify/a.ts -> src/keys/key-ring.ts: too much for another program",
      "src/verify/b.ts -> src/tokens/jwt/sign-jwt.ts: too much for another program",
      "src/verify/b.ts -> src/lib/log.ts: too much for another program",
    ]);
  });

  it("knows what loading the verifier loads, however far away", () => {
    const tree = {
      "src/verify/index.ts": `export { a } from "./a.js"; import type { x } from "typeorm"; import "graphql";`,
      "src/verify/a.ts": `import { c } from "../tokens/jwt/check-claims.js"; import "node:http";`,
      "src/tokens/jwt/check-claims.ts": `import jwt from "jsonwebtoken"; import type { y } from "type-graphql";`,
    };
    expect(faultsOf(tree)).toEqual(["src/verify: loads jsonwebtoken"]);
  });

  it("refuses a circle inside a folder, also one of types", () => {
    const tree = {
      "src/tokens/a.ts": `import { b } from "./b.js";`,
      "src/tokens/b.ts": `import type { c } from "./c.js";`,
      "src/tokens/c.ts": `export { a } from "./a.js";`,
      "src/tokens/d.ts": `import { a } from "./a.js";`,
    };
    expect(faultsOf(tree)).toEqual(["src/tokens/a.ts, src/tokens/b.ts, src/tokens/c.ts: a circle"]);
  });

  it("tells two circles apart, and knows a file that imports itself", () => {
    const tree = {
      "src/lib/a.ts": `import "./a.js"; import "./b.js";`,
      "src/lib/b.ts": `import "./c.js";`,
      "src/lib/c.ts": `import "./b.js";`,
    };
    expect(faultsOf(tree)).toEqual(["src/lib/b.ts, src/lib/c.ts: a circle", "src/lib/a.ts: a circle"]);
  });

  it("refuses a file that belongs to no ring", () => {
    expect(faultsOf({ "src/helpers/a.ts": "", "src/stray.ts": "" })).toEqual([
      "src/helpers/a.ts: belongs to no ring",
      "src/stray.ts: belongs to no ring",
    ]);
  });

  it.each(["src/lib/a.ts", "test/a.test.ts", "bench/a.mjs"])("refuses a long file: %s", (path) => {
    expect(faultsOf({ [path]: "\n".repeat(MAX_LINES - 1) + "//\n" })).toEqual([]);
    expect(faultsOf({ [path]: "\n".repeat(MAX_LINES) + "//\n" })).toEqual([`${path}: longer than 400 lines`]);
  });

  it.each([
    [`process.env.HOME;`, "reads the environment"],
    [`process["env"];`, "reads the environment"],
    [`globalThis.process.env;`, "reads the environment"],
    [`const { env: e } = process;`, "reads the environment"],
    [`import { env } from "node:process";`, "reads the environment"],
    [`Date.now();`, "reads the time"],
    [`const now = Date.now;`, "reads the time"],
    [`new Date();`, "reads the time"],
    [`new Date;`, "reads the time"],
    [`Date();`, "reads the time"],
    [`performance.now();`, "measures time"],
    [`process.hrtime.bigint();`, "measures time"],
    [`export default 1;`, "has a default export"],
    [`export default function a() {}`, "has a default export"],
    [`export default class A {}`, "has a default export"],
    [`const a = 1; export { a as default };`, "has a default export"],
  ])("refuses: %s", (text, fault) => {
    expect(faultsOf({ "src/tokens/a.ts": text })).toEqual([`src/tokens/a.ts: ${fault}`]);
  });

  it.each([
    ["src/config/a.ts", `process.env.HOME;`],
    ["src/lib/clock.ts", `Date.now(); new Date(); performance.now();`],
    ["src/http/a.ts", `performance.now();`],
    ["src/tokens/a.ts", `new Date(0); // process.env and Date.now() in a comment`],
    ["src/tokens/a.ts", `switch (1) { default: "process.env"; }`],
    ["test/a.test.ts", `process.env.HOME; Date.now();`],
  ])("accepts in %s: %s", (path, text) => {
    expect(faultsOf({ [path]: text })).toEqual([]);
  });
});
