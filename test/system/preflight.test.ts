import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../support/gateway.js";
import { skipUnlessRequired } from "../support/required.js";

const ROOT = join(import.meta.dirname, "../..");

/** The program of an older Node, which `.ci/run` installs. */
const OLD_NODE = process.env.TEST_OLD_NODE;
if (!OLD_NODE)
  skipUnlessRequired("old-node", "of an older Node", "TEST_OLD_NODE names no program of Node 18");

/** Expects one line, and nothing else that a program writes. */
function expectOneLine(stderr: string, line: RegExp): void {
  expect(stderr.trimEnd()).toMatch(line);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
}

describe("without its packages", () => {
  const home = temporaryFolder();

  beforeAll(() => {
    for (const part of ["package.json", "packages", "scripts", "src", "tsconfig.json"]) {
      cpSync(join(ROOT, part), join(home.path, part), { recursive: true });
    }
  });

  afterAll(() => {
    home.remove();
  });

  const npm = (...args: string[]) => spawnSync("npm", ["-s", ...args], { cwd: home.path, encoding: "utf8" });

  it.each([["start"], ["test"], ["run build"], ["run cli -- config check"], ["run lint"]])(
    "`npm %s` says what to do in one line",
    (words) => {
      const { status, stderr } = npm(...words.split(" "));
      expect(status).toBe(1);
      expectOneLine(stderr, /^latchkey: the packages are not installed\. Run: npm ci$/);
    },
  );

  it("the built command line names the package that is missing", () => {
    cpSync(join(ROOT, "dist"), join(home.path, "dist"), { recursive: true });
    const command = ["dist/cli/latchkey.js", "--version"];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, {
      cwd: home.path,
      encoding: "utf8",
    });
    expect([status, stdout]).toEqual([1, ""]);
    expectOneLine(stderr, /^latchkey: the package commander is not installed\. Run: npm ci$/);
  });

  it("says the same when an installation was not finished", () => {
    mkdirSync(join(home.path, "node_modules"));
    writeFileSync(join(home.path, "node_modules/left-over"), "");
    expectOneLine(npm("run", "build").stderr, /Run: npm ci$/);
  });
});

(OLD_NODE ? describe : describe.skip)("on an older Node", () => {
  const run = (...args: string[]) => spawnSync(OLD_NODE!, args, { encoding: "utf8", cwd: ROOT });

  it.each([
    ["scripts/preflight.cjs"],
    ["dist/cli/latchkey.js serve"],
    ["dist/cli/latchkey.js users create ann"],
    ["dist/cli/latchkey.js --version"],
    ["dist/cli/latchkey.js health"],
  ])("`node %s` says which one is needed in one line", (words) => {
    const { status, stderr, stdout } = run(...words.split(" "));
    expect([status, stdout]).toEqual([1, ""]);
    expectOneLine(
      stderr,
      /^latchkey: Node 20\.19 or later is needed, and this is Node 1\d\.[\d.]+\. Install /,
    );
  });

  it("the verifier can be loaded, which needs no more", () => {
    const load =
      'import("./packages/verify/dist/index.js").then((it) => console.log(typeof it.createVerifier))';
    expect(run("-e", load).stdout).toBe("function\n");
  });
});
