import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import ts from "typescript";
import { nodeFaults, type File } from "../support/source-rules.js";

/** A folder (or file) of src may import itself and any ring above its own; never a neighbour, never below. */
const RINGS = [
  ["lib"],
  ["errors"],
  ["config", "entities"],
  ["passwords", "keys", "limits", "audit", "revocation"],
  ["tokens", "clients"],
  ["accounts"],
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
const PRIVATE_TO: Record<string, string[]> = { db: ["core"], notifications: ["core"] };

interface Package {
  /** The folder of its sources. */
  sources: string;
  /** Whether it may import `packages/wire`, as `#wire/…`. */
  seesWire: boolean;
  /** The npm packages that loading an entry point may load, all the way down; null: as its package.json says. */
  loads: Record<string, string[]> | null;
}
/** The gateway and the packages. A relative import never leaves its package. */
const PACKAGES: Package[] = [
  { sources: "src", seesWire: true, loads: null },
  {
    sources: "packages/verify/src",
    seesWire: true,
    loads: { "index.ts": ["lru-cache"], "graphql.ts": ["graphql", "lru-cache"] },
  },
  { sources: "packages/wire/src", seesWire: false, loads: null },
];
const WIRE = "packages/wire/src";
const MAX_LINES = 400;

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
const packageOf = (path: string) => PACKAGES.find(({ sources }) => path.startsWith(`${sources}/`));

/** The file of the repository that an import names; undefined for an npm package. */
function targetOf(from: string, name: string): string | undefined {
  if (name.startsWith("#wire/")) return fileToSource(name.replace("#wire", WIRE));
  return name.startsWith(".") ? fileToSource(posix.join(dirname(from), name)) : undefined;
}

/** Everything that a file imports: values and types, re-exports, and dynamic imports. */
const importsOf = (file: File) => ts.preProcessFile(file.text).importedFiles.map(({ fileName }) => fileName);

/** The imports of files of the repository. */
function edgesOf(file: File): Edge[] {
  return importsOf(file).flatMap((name) => {
    const to = targetOf(file.path, name);
    return to === undefined ? [] : [{ from: file.path, to }];
  });
}

function packageFaults(file: File): string[] {
  const { sources, seesWire } = packageOf(file.path)!;
  return importsOf(file).flatMap((name) => {
    const to = targetOf(file.path, name);
    const edge = `${file.path} -> ${to ?? name}`;
    if (name.startsWith("#"))
      return name.startsWith("#wire/") && seesWire ? [] : [`${edge}: not visible here`];
    if (to !== undefined) return to.startsWith(`${sources}/`) ? [] : [`${edge}: leaves ${sources}`];
    if (name.includes("@latchkey/")) return [`${edge}: not visible here`];
    return seesWire || name.startsWith("node:") ? [] : [`${edge}: wire imports no package`];
  });
}

function ringFault({ from, to }: Edge): string | undefined {
  if (!inSrc(from) || !inSrc(to)) return undefined;
  const edge = `${from} -> ${to}`;
  if (areaOf(from) === areaOf(to)) return undefined;
  if (ringOf(to) < 0 || ringOf(to) >= ringOf(from)) return `${edge}: points away from lib`;
  const friends = PRIVATE_TO[areaOf(to)];
  return friends !== undefined && !friends.includes(areaOf(from))
    ? `${edge}: only for ${friends.join(", ")}`
    : undefined;
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
    .flatMap((name) => {
      const target = targetOf(path, name);
      return target === undefined ? [name] : packagesOf(target, sources, seen);
    });
}

function loadFaults(sources: readonly File[]): string[] {
  const texts = new Map(sources.map(({ path, text }) => [path, text]));
  return PACKAGES.flatMap(({ sources: folder, loads }) =>
    Object.entries(loads ?? {}).flatMap(([entry, allowed]) => {
      const path = `${folder}/${entry}`;
      const excess = [...new Set(packagesOf(path, texts))].filter((name) => !allowed.includes(name));
      return excess.map((name) => `${path}: loads ${name}`);
    }),
  );
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

/** Everything that breaks the rules of the architecture, one line each; empty when nothing does. */
function violations(files: readonly File[]): string[] {
  const sources = files.filter(({ path }) => packageOf(path) !== undefined);
  const edges = sources.flatMap(edgesOf);
  return [
    ...sources
      .filter(({ path }) => inSrc(path) && ringOf(path) < 0)
      .map(({ path }) => `${path}: belongs to no ring`),
    ...sources.flatMap(packageFaults),
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
const REPOSITORY = ["src", "packages/verify/src", "packages/wire/src", "test", "bench"].flatMap((folder) =>
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

  it("lets the gateway and the verifier import wire, and neither import the other", () => {
    const tree = {
      "src/app.ts": `import { w } from "#wire/w.js"; import { v } from "@latchkey/verify"; import type { x } from "../packages/verify/src/x.js";`,
      "packages/verify/src/a.ts": `import { w } from "#wire/w.js"; import { b } from "./b.js"; import { c } from "../../../src/lib/c.js";`,
      "packages/verify/src/b.ts": `import type { w } from "../../wire/src/w.js"; import { g } from "latchkey/verify"; import "#dist/b.js";`,
    };
    expect(faultsOf(tree)).toEqual([
      "src/app.ts -> @latchkey/verify: not visible here",
      "src/app.ts -> packages/verify/src/x.ts: leaves src",
      "packages/verify/src/a.ts -> src/lib/c.ts: leaves packages/verify/src",
      "packages/verify/src/b.ts -> packages/wire/src/w.ts: leaves packages/verify/src",
      "packages/verify/src/b.ts -> #dist/b.js: not visible here",
    ]);
  });

  it("lets wire import itself and Node alone", () => {
    const tree = {
      "packages/wire/src/a.ts": `import "node:buffer"; import { b } from "./b.js"; import type { g } from "graphql"; import { c } from "#wire/c.js";`,
      "packages/wire/src/b.ts": `import { v } from "../../verify/src/v.js"; import { l } from "../../../src/lib/l.js";`,
    };
    expect(faultsOf(tree)).toEqual([
      "packages/wire/src/a.ts -> graphql: wire imports no package",
      "packages/wire/src/a.ts -> packages/wire/src/c.ts: not visible here",
      "packages/wire/src/b.ts -> packages/verify/src/v.ts: leaves packages/wire/src",
      "packages/wire/src/b.ts -> src/lib/l.ts: leaves packages/wire/src",
    ]);
  });

  it("knows what loading the verifier loads, however far away", () => {
    const tree = {
      "packages/verify/src/index.ts": `export { a } from "./a.js"; import type { x } from "typeorm"; import "lru-cache";`,
      "packages/verify/src/a.ts": `import { c } from "./c.js"; import "node:http"; import type { g } from "graphql";`,
      "packages/verify/src/c.ts": `import jwt from "jsonwebtoken"; import type { y } from "type-graphql";`,
      "packages/verify/src/graphql.ts": `export * from "./index.js"; import "graphql";`,
    };
    expect(faultsOf(tree)).toEqual([
      "packages/verify/src/index.ts: loads jsonwebtoken",
      "packages/verify/src/graphql.ts: loads jsonwebtoken",
    ]);
  });

  it("keeps graphql out of the entry point that needs none", () => {
    expect(faultsOf({ "packages/verify/src/index.ts": `import "graphql";` })).toEqual([
      "packages/verify/src/index.ts: loads graphql",
    ]);
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
    for (const path of ["src/tokens/a.ts", "packages/verify/src/a.ts"])
      expect(faultsOf({ [path]: text })).toContain(`${path}: ${fault}`);
  });

  it.each([
    ["src/config/a.ts", `process.env.HOME;`],
    ["packages/wire/src/clock.ts", `Date.now(); new Date(); performance.now();`],
    ["src/http/a.ts", `performance.now();`],
    ["src/tokens/a.ts", `new Date(0); // process.env and Date.now() in a comment`],
    ["src/tokens/a.ts", `switch (1) { default: "process.env"; }`],
    ["test/a.test.ts", `process.env.HOME; Date.now();`],
  ])("accepts in %s: %s", (path, text) => {
    expect(faultsOf({ [path]: text })).toEqual([]);
  });
});
