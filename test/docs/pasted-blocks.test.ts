import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readPage } from "./session.js";

const pages = [
  "README.md",
  ...readdirSync(join(import.meta.dirname, "../../docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** The lines of the fenced blocks of commands: those of a shell, and those of no language. */
function commandLines(page: string): string[] {
  let language: string | null = null;
  return page.split("\n").filter((line) => {
    const fence = /^\s*```(\w*)/.exec(line);
    if (fence) language = language === null ? (fence[1] ?? "") : null;
    return !fence && language !== null && ["", "sh", "bash"].includes(language);
  });
}

describe("blocks of commands", () => {
  it.each(pages)("of %s have no comments: zsh takes them for commands when they are pasted", (path) => {
    expect(commandLines(readPage(path)).filter((line) => /^\s*#|\s# /.test(line))).toEqual([]);
  });

  it("are found", () => {
    expect(commandLines(readPage("README.md")).length).toBeGreaterThan(10);
  });
});
