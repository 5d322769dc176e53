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

describe("latchkey/verify", () => {
  it("exports what the documentation names and nothing else", async () => {
    const { stdout, stderr } = await run(
      `console.log(Object.keys(await import("latchkey/verify")).sort().join());`,
    );
    expect({ stdout: stdout.trim(), stderr }).toEqual({
      stdout: "REFUSALS,apolloContext,createVerifier,requireScopes,requireViewer,yogaContext",
      stderr: "",
    });
  });

  it("loads neither a server nor a database with it", async () => {
    const { stdout } = await run(`${SPY} await import("latchkey/verify");`);
    const loaded = stdout.trim().split("\n");
    expect(loaded.some((url) => url.endsWith("/dist/verify/index.js"))).toBe(true);
    const packages = loaded.map((url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]);
    expect([...new Set(packages.filter((name) => name !== undefined))].sort()).toEqual([
      "graphql",
      "lru-cache",
    ]);
    const own = loaded
      .filter((url) => !url.includes("/node_modules/"))
      .map((url) => /\/dist\/(\w+)/.exec(url)?.[1])
      .filter((name) => name !== undefined);
    expect([...new Set(own)].sort()).toEqual(["errors", "lib", "tokens", "verify"]);
  });

  it("lets a process end by itself once it is closed", async () => {
    const server = await startFeedServer();
    endings.push(() => server.stop());
    const options = { issuer: server.url, audience: AUDIENCE, client: CLIENT };
    const { code, stdout } = await run(`
      import { createVerifier } from "latchkey/verify";
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
