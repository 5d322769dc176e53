import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
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

  it("has types for those who use it, strict ones", () => {
    const folder = mkdtempSync(join(tmpdir(), "latchkey-verify-"));
    endings.push(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    const file = join(folder, "service.ts");
    writeFileSync(file, SERVICE.replaceAll("latchkey/verify", join(ROOT, "dist/verify/index.js")));
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
    expect(faults.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([]);
  });
});

const SERVICE = `
  import type { IncomingMessage } from "node:http";
  import { ApolloServer } from "@apollo/server";
  import { startStandaloneServer } from "@apollo/server/standalone";
  import { apolloContext, createVerifier, requireScopes, requireViewer, yogaContext } from "latchkey/verify";
  import type { AuthContext, PrivilegeViewer, UserViewer, Verification } from "latchkey/verify";

  const common = { issuer: "https://auth.example", client: { id: "orders", secret: "secret" } };
  const verifier = createVerifier({ ...common, audience: "supergraph" });
  const users = createVerifier({ ...common, tokens: "user" });

  export function read(request: IncomingMessage, fetched: Request): [Verification<PrivilegeViewer>, Verification<UserViewer>] {
    return [verifier.verify(request.headers), users.verify(fetched.headers)];
  }
  export const context: (start: { request: Request }) => Promise<AuthContext<PrivilegeViewer>> = yogaContext(verifier);

  const server = new ApolloServer<AuthContext<PrivilegeViewer>>({
    typeDefs: "type Query { me: String }",
    resolvers: { Query: { me: (_: unknown, __: unknown, { auth }: AuthContext<PrivilegeViewer>) => requireViewer(auth).username } },
  });
  await startStandaloneServer(server, { context: apolloContext(verifier) });

  const found = users.verify("token");
  export const version: number = found.ok ? found.viewer.version : -1;
  if (!found.ok && found.code === "FEED_STALE") console.log(found.detail);
  // @ts-expect-error a user token has no scopes
  requireScopes(found, "account:read");
  // @ts-expect-error privilege tokens are for an audience
  createVerifier(common);
  // @ts-expect-error there is no such code
  if (!found.ok && found.code === "STALE") process.exit();
`;
