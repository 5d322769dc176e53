import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readPage } from "./session.js";

const ROOT = join(import.meta.dirname, "../..");

/** Every file that a reader is to copy, and the page that shows it. */
const SHOWN: [file: string, page: string][] = [
  ["compose.mjs", "docs/supergraph.md"],
  ["apollo-gateway/gateway.mjs", "docs/supergraph.md"],
  ["hive-gateway/gateway.config.ts", "docs/supergraph.md"],
  ["hive-gateway/posts.graphql", "docs/supergraph.md"],
  ["apollo-router/router.yaml", "docs/supergraph.md"],
  ["subgraph/posts.mjs", "docs/supergraph.md"],
  ["apollo-router/coprocessor.yaml", "docs/service-endpoints.md"],
  ["hive-router/router.yaml", "docs/service-endpoints.md"],
  ["nginx/orders.conf", "docs/service-endpoints.md"],
];

const blocksOf = (page: string) =>
  [...readPage(page).matchAll(/^```\w+\n([\s\S]*?)^```$/gm)].map(([, block]) => block);

const folders = readdirSync(join(ROOT, "examples"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !["node_modules", "support"].includes(entry.name))
  .map(({ name }) => name);

describe("the examples", () => {
  it.each(SHOWN)("%s is what %s shows, to the letter", (file, page) => {
    expect(blocksOf(page)).toContain(readPage(`examples/${file}`));
  });

  it("have each of their configurations shown", () => {
    const files = folders.flatMap((folder) =>
      readdirSync(join(ROOT, "examples", folder)).map((file) => `${folder}/${file}`),
    );
    const configurations = files.filter((file) => /\.(?:ya?ml|conf|config\.ts)$|\/gateway\.mjs$/.test(file));
    expect(SHOWN.map(([file]) => file)).toEqual(expect.arrayContaining(configurations));
  });

  it("are on the page: every code block of it but the commands is a file of theirs", () => {
    const shown = SHOWN.map(([file]) => readPage(`examples/${file}`));
    expect(blocksOf("docs/supergraph.md").filter((block) => !shown.includes(block!))).toEqual([]);
  });

  it("are there where the page links to them", () => {
    const links = [...readPage("docs/supergraph.md").matchAll(/\]\((\.\.\/[^)#]+)/g)].map(
      ([, link]) => link!,
    );
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((link) => !existsSync(join(ROOT, "docs", link)))).toEqual([]);
  });

  it("can be run one by one: each that runs has a script of its own", () => {
    const { scripts } = JSON.parse(readPage("examples/package.json")) as { scripts: Record<string, string> };
    const runs = folders.filter((folder) => existsSync(join(ROOT, "examples", folder, "run.mjs")));
    const own = Object.keys(scripts).filter((name) => name.startsWith("example:"));
    expect(own.sort()).toEqual(runs.map((folder) => `example:${folder}`).sort());
    expect(runs.map((folder) => scripts[`example:${folder}`])).toEqual(
      runs.map((folder) => `node ${folder}/run.mjs`),
    );
  });

  it("are installed from the registry that npm is set to, and from this very tree", () => {
    const lock = JSON.parse(readPage("examples/package-lock.json")) as {
      packages: Record<string, { resolved?: string }>;
    };
    const elsewhere = Object.values(lock.packages)
      .flatMap(({ resolved }) => resolved ?? [])
      .filter((resolved) => resolved !== "file:../packages/verify");
    expect(elsewhere).toEqual([]);
  });
});
