import { execFile } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "../support/gateway.js";

const ROOT = join(import.meta.dirname, "../..");
const run = promisify(execFile);

describe("the build", () => {
  const { path: checkout, remove } = temporaryFolder();
  const build = () => run(process.execPath, ["scripts/build.mjs"], { cwd: checkout });
  const built = (name: string) => join(checkout, "dist", name);

  beforeAll(() => {
    for (const name of ["src", "packages", "scripts", "package.json"]) {
      cpSync(join(ROOT, name), join(checkout, name), { recursive: true });
    }
    symlinkSync(join(ROOT, "node_modules"), join(checkout, "node_modules"));
  });

  afterAll(remove);

  it("may run twice at once: both leave a command line that works, and nothing half-written", async () => {
    await Promise.all([build(), build()]);
    const { stdout } = await run(process.execPath, [built("cli/latchkey.js"), "--version"]);
    expect(stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
    const names = readdirSync(built("."), { recursive: true, encoding: "utf8" });
    expect(names.filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("does nothing where the sources are those of the last build", async () => {
    const before = statSync(built("cli/latchkey.js")).ino;
    await build();
    expect(statSync(built("cli/latchkey.js")).ino).toBe(before);
  });

  it("never takes a module away from a gateway that runs meanwhile", async () => {
    appendFileSync(join(checkout, "src/app.ts"), "\n// changed\n");
    const state = { done: false };
    const done = build().finally(() => (state.done = true));
    let looks = 0;
    while (!state.done) {
      expect(
        ["app.js", "cli/latchkey.js", "lib/clock.js"].filter((name) => !existsSync(built(name))),
      ).toEqual([]);
      looks += 1;
      await new Promise(setImmediate);
    }
    await done;
    expect(looks).toBeGreaterThan(10);
  });

  it("takes away the modules whose source is gone", async () => {
    writeFileSync(join(checkout, "src/passing.ts"), "export const passing = 1;\n");
    await build();
    expect(existsSync(built("passing.js"))).toBe(true);
    rmSync(join(checkout, "src/passing.ts"));
    await build();
    expect(existsSync(built("passing.js"))).toBe(false);
  });

  it("fails where a source cannot be read, and keeps what was built", async () => {
    writeFileSync(join(checkout, "src/broken.ts"), "export const = ;\n");
    await expect(build()).rejects.toMatchObject({ code: 1 });
    rmSync(join(checkout, "src/broken.ts"));
    await run(process.execPath, [built("cli/latchkey.js"), "--version"]);
  });
});
