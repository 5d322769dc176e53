import { join } from "node:path";
import { runCli, temporaryFolder } from "../../support/gateway.js";

/** Writes the address of every module that is imported to standard output. */
const HOOKS = `import { writeSync } from "node:fs";
  export async function resolve(name, context, next) {
    const found = await next(name, context);
    writeSync(1, found.url + "\\n");
    return found;
  }`;
const dataUrl = (module: string) => `data:text/javascript,${encodeURIComponent(module)}`;
const SPY = dataUrl(`import { register } from "node:module"; register(${JSON.stringify(dataUrl(HOOKS))});`);

describe("what a command waits for while it is loaded", () => {
  const folder = temporaryFolder();

  beforeAll(async () => {
    await runCli(["migrate"], { DATABASE_URL: `sqlite:${join(folder.path, "latchkey.sqlite")}` });
  });

  afterAll(() => {
    folder.remove();
  });

  async function packagesOf(args: string[]): Promise<string[]> {
    const { code, stdout, stderr } = await runCli(args, {
      DATABASE_URL: `sqlite:${join(folder.path, "latchkey.sqlite")}`,
      LOG_LEVEL: "error",
      NODE_OPTIONS: `--import ${SPY}`,
    });
    if (code !== 0) throw new Error(stderr);
    const names = [...stdout.matchAll(/\/node_modules\/((?:@[^/]+\/)?[^/]+)\/.*$/gm)];
    return [...new Set(names.map(([, name = ""]) => name))];
  }

  it("help: neither a database, nor a schema, nor a server", async () => {
    const packages = await packagesOf(["users", "create", "--help"]);
    expect(packages).toContain("commander");
    for (const name of ["typeorm", "type-graphql", "class-validator", "fastify", "@apollo/server"])
      expect(packages).not.toContain(name);
  });

  it("a command on the database: its own driver, and no server", async () => {
    const packages = await packagesOf(["keys", "list"]);
    expect(packages).toEqual(expect.arrayContaining(["typeorm", "better-sqlite3"]));
    for (const name of ["mysql2", "fastify", "@apollo/server"]) expect(packages).not.toContain(name);
  });
});
