import { execFile } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "../support/gateway.js";

const ROOT = join(import.meta.dirname, "../..");

/** Runs a script to its end, which is a failure. */
async function failureOf(script: string, ...args: string[]): Promise<{ code: number; stderr: string }> {
  try {
    await promisify(execFile)(process.execPath, [script, ...args]);
  } catch (error) {
    return error as { code: number; stderr: string };
  }
  throw new Error(`${script} did not fail`);
}

describe("an example that cannot run", () => {
  const folder = temporaryFolder();
  const examples = join(folder.path, "examples");

  beforeAll(() => {
    const isOurs = (path: string) => !path.includes("node_modules");
    cpSync(join(ROOT, "examples"), examples, { recursive: true, filter: isOurs });
    mkdirSync(join(examples, "needy"));
    writeFileSync(
      join(examples, "needy/run.mjs"),
      `import { example } from "../support/example.mjs";
       import { startServer } from "../support/servers.mjs";
       await example(() => startServer("latchkey-no-such-program", [], {}));`,
    );
  });

  afterAll(() => {
    folder.remove();
  });

  it.each(["run-all.mjs", "needy/run.mjs", "nginx/run.mjs"])("%s says what to run first", async (script) => {
    const { code, stderr } = await failureOf(join(examples, script));
    expect(code).toBe(1);
    for (const words of ["npm run build", "npm --prefix examples ci"]) expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it("names a program that is not installed", async () => {
    symlinkSync(join(ROOT, "dist"), join(folder.path, "dist"));
    mkdirSync(join(examples, "node_modules"));
    const { code, stderr } = await failureOf(join(examples, "needy/run.mjs"));
    expect([code, stderr.split("\n").length]).toEqual([1, 2]);
    expect(stderr).toContain("latchkey-no-such-program");
  });

  it.each([[[]], [["schema.graphql"]]])("compose.mjs shows how it is used, given %j", async (files) => {
    const { code, stderr } = await failureOf(join(ROOT, "examples/compose.mjs"), ...files);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^usage: /);
  });
});
