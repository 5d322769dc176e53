import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CLIENT, startFeedServer } from "./feed-server.js";
import { AUDIENCE } from "./issuer.js";
import { endAll, endings } from "./verifiers.js";

const ROOT = join(import.meta.dirname, "../..");

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
  it.each([
    ["those who use it", () => SERVICE],
    ["the sample of its documentation", documentedSample],
  ])("has strict types for %s", (_name, textOf) => {
    expect(faultsOf(textOf())).toEqual([]);
});
/** The sample of docs/verifier.md for GraphQL servers, as its readers copy it. */
function documentedSample(): string {
  const page = readFileSync(join(ROOT, "docs/verifier.md"), "utf8");
  const sample = /## In GraphQL servers.*?```ts\n(.*?)```/s.exec(page)?.[1];
  if (sample === undefined) throw new Error("docs/verifier.md has no sample");
  return sample;
}
/** What the compiler says of a service in a folder of its own. */
function faultsOf(text: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-verify-"));
  endings.push(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const file = join(folder, "service.ts");
  writeFileSync(file, text.replaceAll("latchkey/verify", join(ROOT, "dist/verify/index.js")));
  const program = ts.createProgram([file], {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2023,
    lib: ["lib.es2023.d.ts"],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ["node"],
    typeRoots: [join(ROOT, "node_modules/@types")],
  });
  const faults = ts.getPreEmitDiagnostics(program);
  return faults.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}
  import type {
    AuthContext, Credential, FetchHeaders, HeaderList, HeaderMap, NodeHeaders, PrivilegeViewer, RequestHeaders, UserViewer, Verification,
  } from "latchkey/verify";
  const event: { headers: Record<string, string | undefined>; multiValueHeaders: Record<string, string[] | undefined> } =
    { headers: {}, multiValueHeaders: {} };
  export function readAll(request: IncomingMessage): Verification<PrivilegeViewer>[] {
    const forms: RequestHeaders[] = [
      event.headers, event.multiValueHeaders, request.headersDistinct, request.rawHeaders,
      Object.entries(request.headers), new Map(Object.entries(event.headers)), new Headers(),
    ];
    const named: [NodeHeaders, HeaderMap, HeaderList, FetchHeaders] = [{}, new Map(), [], new Headers()];
    return [...forms, ...named, null].map((form: Credential | null) => verifier.verify(form));
  // @ts-expect-error what may be undefined is looked at first, or given as null
  verifier.verify(undefined);
