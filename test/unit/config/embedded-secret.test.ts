import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import ts from "typescript";
import { ConfigError } from "../../../src/config/config-error.js";
import { ensureEmbeddedSecret, type EmbeddedSecret } from "../../../src/config/embedded-secret.js";
import { load, secretOf } from "./faults-of.js";

const ROOT = join(import.meta.dirname, "../../..");
let folder: string;
let database: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "latchkey-"));
  database = join(folder, "data/deep/latchkey.sqlite");
  path = join(folder, "data/deep/latchkey.secret");
});
afterEach(() => rmSync(folder, { recursive: true }));

function place(content: string): void {
  mkdirSync(join(folder, "data/deep"), { recursive: true });
  writeFileSync(path, content);
}

function errorOfEnsuring(): ConfigError {
  try {
    ensureEmbeddedSecret(database);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("a secret was returned");
}

describe("the secret of an embedded database", () => {
  it("is 48 random bytes, made at the first call and found by every later one", () => {
    const first = ensureEmbeddedSecret(database);
    expect(first.createdAt).toBe(path);
    expect(Buffer.from(first.secret, "base64")).toHaveLength(48);
    expect(ensureEmbeddedSecret(database)).toEqual({ secret: first.secret, createdAt: null });
    expect(load({ LATCHKEY_SECRET: first.secret }).secrets).toEqual([first.secret]);
  });

  it("is another one beside another database", () => {
    const other = ensureEmbeddedSecret(join(folder, "other/latchkey.sqlite"));
    expect(other.secret).not.toBe(ensureEmbeddedSecret(database).secret);
  });

  it("can be read by its owner only, and nothing else is left in the folder", () => {
    const { secret } = ensureEmbeddedSecret(database);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "data")).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, "data/deep")).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(folder, "data/deep"))).toEqual(["latchkey.secret"]);
    expect(readFileSync(path, "utf8")).toBe(`${secret}\n`);
  });

  it("may have been put there by hand, with or without a line end", () => {
    place(secretOf("h"));
    expect(ensureEmbeddedSecret(database)).toEqual({ secret: secretOf("h"), createdAt: null });
    place(`${secretOf("i")}\r\n`);
    expect(ensureEmbeddedSecret(database).secret).toBe(secretOf("i"));
  });

  it.each([
    "",
    "\n",
    "c4n4ry",
    `${secretOf("h")}\n\n`,
    `${secretOf("h")}\0`,
    `${secretOf("h")},${secretOf("i")}`,
  ])("is refused when its file holds %j, and the file is left alone", (content) => {
    place(content);
    const error = errorOfEnsuring();
    expect(error.message).toContain(path);
    expect(error.message).not.toMatch(/c4n4ry|hhh/);
    expect(readFileSync(path, "utf8")).toBe(content);
  });

  it("is not made anew beside a database that depends on a lost one", () => {
    mkdirSync(join(folder, "data/deep"), { recursive: true });
    writeFileSync(database, "rows");
    expect(errorOfEnsuring().message).toContain(path);
    expect(existsSync(path)).toBe(false);
  });

  it("names the path when a folder is in its place, or a file in that of its folder", () => {
    mkdirSync(path, { recursive: true });
    expect(errorOfEnsuring().message).toContain(path);
    rmSync(join(folder, "data"), { recursive: true });
    writeFileSync(join(folder, "data"), "");
    expect(errorOfEnsuring().message).toContain(path);
  });

  it("is not written through a link that leads nowhere", () => {
    mkdirSync(join(folder, "data/deep"), { recursive: true });
    symlinkSync(join(folder, "elsewhere"), path);
    expect(errorOfEnsuring().message).toContain(path);
    expect(existsSync(join(folder, "elsewhere"))).toBe(false);
    expect(readdirSync(join(folder, "data/deep"))).toEqual(["latchkey.secret"]);
  });
});

/** The module as plain JavaScript, for processes without a transformer. */
function compile(): void {
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  const options = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2023,
    verbatimModuleSyntax: true,
  };
  for (const part of ["config", "lib"]) {
    mkdirSync(join(folder, part));
    for (const name of readdirSync(join(ROOT, "src", part))) {
      const source = readFileSync(join(ROOT, "src", part, name), "utf8");
      const { outputText } = ts.transpileModule(source, { compilerOptions: options });
      writeFileSync(join(folder, part, name.replace(/\.ts$/, ".js")), outputText);
    }
  }
  const runner = `
    import { ensureEmbeddedSecret } from "./config/embedded-secret.js";
    process.stderr.write("ready");
    await new Promise((resolve) => process.stdin.once("data", resolve));
    process.stdout.write(JSON.stringify(ensureEmbeddedSecret(process.argv[2])));
    process.stdin.destroy();`;
  writeFileSync(join(folder, "runner.js"), runner);
}

async function startTogether(count: number): Promise<EmbeddedSecret[]> {
  const children = Array.from({ length: count }, () =>
    spawn(process.execPath, [join(folder, "runner.js"), database]),
  );
  await Promise.all(children.map((child) => once(child.stderr, "data")));
  const answers = children.map((child) => text(child.stdout));
  for (const child of children) child.stdin.write("go");
  return (await Promise.all(answers)).map((answer) => JSON.parse(answer) as EmbeddedSecret);
}

describe("ten processes that start at once", () => {
  it("all end with the one secret that is on the disk, made by one of them", async () => {
    compile();
    const results = await startTogether(10);
    expect(new Set(results.map(({ secret }) => secret)).size).toBe(1);
    expect(results.filter(({ createdAt }) => createdAt === path)).toHaveLength(1);
    expect(readFileSync(path, "utf8")).toBe(`${results[0]?.secret}\n`);
    expect(readdirSync(join(folder, "data/deep"))).toEqual(["latchkey.secret"]);
  });
});
