import { spawn } from "node:child_process";
import { join } from "node:path";
import { CLIENT, startFeedServer } from "../../support/verify/feed-server.js";
import { AUDIENCE } from "../../support/verify/issuer.js";
import { endAll, endings } from "../../support/verify/verifiers.js";

const ROOT = join(import.meta.dirname, "../../..");

afterEach(endAll);

/** Runs a module in a process of its own, as a program that depends on the package. */
function run(module: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", module], { cwd: ROOT });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (part: string) => (output.stdout += part));
  child.stderr.setEncoding("utf8").on("data", (part: string) => (output.stderr += part));
  const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  return new Promise((resolve) => {
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, ...output });
    });
  });
}

/** Prints the address of every module that is loaded from here on. */
const SPY = `
  import { register } from "node:module";
  const hooks = 'import { writeSync } from "node:fs";' +
    'export async function resolve(name, context, next) {' +
    '  const found = await next(name, context); writeSync(1, found.url + "\\\\n"); return found; }';
  register("data:text/javascript," + encodeURIComponent(hooks));
`;

const GRAPHQL_NAMES = "REFUSALS,apolloContext,createVerifier,requireScopes,requireViewer,yogaContext";

/** The packages that importing `name` loads, and whether every other module is of the verifier's own build. */
async function loadedBy(name: string): Promise<{ packages: string[]; isOwn: boolean }> {
  const { stdout } = await run(`${SPY} await import("${name}");`);
  const files = stdout
    .trim()
    .split("\n")
    .filter((url) => url.startsWith("file:"));
  const packageOf = (url: string) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  const packages = files.map(packageOf).filter((found) => found !== undefined);
  const others = files.filter((url) => packageOf(url) === undefined);
  const isOwn = others.length > 0 && others.every((url) => url.includes("/packages/verify/dist/"));
  return { packages: [...new Set(packages)].sort(), isOwn };
}

describe("@latchkey/verify", () => {
  it.each([
    ["@latchkey/verify", "REFUSALS,createVerifier"],
    ["@latchkey/verify/graphql", GRAPHQL_NAMES],
    ["latchkey/verify", GRAPHQL_NAMES],
  ])("exports from %s what the documentation names and nothing else", async (name, names) => {
    const { stdout, stderr } = await run(`console.log(Object.keys(await import("${name}")).sort().join());`);
    expect({ stdout: stdout.trim(), stderr }).toEqual({ stdout: names, stderr: "" });
  });

  it("is one module under its old name and its new one", async () => {
    const { stdout } = await run(`
      import * as verify from "@latchkey/verify";
      import * as graphql from "@latchkey/verify/graphql";
      import * as old from "latchkey/verify";
      console.log(old === graphql, old.createVerifier === verify.createVerifier);
    `);
    expect(stdout.trim()).toBe("true true");
  });

  it.each([
    ["@latchkey/verify", ["lru-cache"]],
    ["@latchkey/verify/graphql", ["graphql", "lru-cache"]],
  ])("loads with %s no more than %j", async (name, packages) => {
    expect(await loadedBy(name)).toEqual({ packages, isOwn: true });
  });

  it("can be required from a CommonJS module", async () => {
    const { stdout, stderr } = await run(`
      import { createRequire } from "node:module";
      const require = createRequire(process.cwd() + "/service.cjs");
      console.log(typeof require("@latchkey/verify").createVerifier);
    `);
    expect({ stdout: stdout.trim(), stderr: stderr.replace(/^.*ExperimentalWarning[^]*/m, "") }).toEqual({
      stdout: "function",
      stderr: "",
    });
  });

  it("lets a process end by itself once it is closed", async () => {
    const server = await startFeedServer();
    endings.push(() => server.stop());
    const options = { issuer: server.url, audience: AUDIENCE, client: CLIENT };
    const { code, stdout } = await run(`
      import { createVerifier } from "@latchkey/verify";
      const verifier = createVerifier(${JSON.stringify(options)});
      await verifier.ready();
      const { ok } = verifier.verify(${JSON.stringify(await server.privilege())});
      await verifier.close();
      const begin = performance.now();
      process.on("exit", () => console.log(ok, performance.now() - begin < 1000));
    `);
    expect({ code, stdout: stdout.trim() }).toEqual({ code: 0, stdout: "true true" });
  });
});
