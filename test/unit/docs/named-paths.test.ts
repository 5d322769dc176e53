import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const PAGES = ["docs/architecture.md", "docs/glossary.md", "CONTRIBUTING.md"];

/** A path with a folder, or the bare name of a file of ours. */
const PATH = /`([\w.-]+(?:\/[\w.-]+)+|[a-z][\w-]*\.(?:ts|mjs|sh))`/g;
const IS_OURS = /^(?:src|test|packages|scripts|bench|docs|examples)\/|\.(?:ts|mjs|sh)$/;

const fileNames = new Set(
  ["src", "test", "packages", "scripts", "bench"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => !path.includes("node_modules"))
      .map((path) => basename(path)),
  ),
);

/** The pages leave out `src/`, and the folder where the paragraph has named it. */
const exists = (path: string): boolean =>
  path.includes("/")
    ? existsSync(path) || existsSync(join("src", path))
    : fileNames.has(path) || existsSync(path);

it.each(PAGES)("%s names only files and folders that exist", (page) => {
  const text = readFileSync(page, "utf8").replace(/^```[^]*?^```/gm, "");
  const named = [...text.matchAll(PATH)].map(([, path = ""]) => path).filter((path) => IS_OURS.test(path));
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((path) => !exists(path))).toEqual([]);
});
