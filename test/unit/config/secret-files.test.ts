import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSecretFile } from "../../../src/config/read-secret-file.js";
import { errorOf, faultsOf, load, secretOf, SERVER } from "./faults-of.js";

const SECRET = secretOf("s");
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "latchkey-c4n4ry-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Reads real files: a path, or what a file is to hold. */
const FILES = { readFile: readSecretFile };
const fileWith = (content: string | Buffer) => {
  const path = join(folder, "value");
  writeFileSync(path, content);
  return path;
};

describe("a secret from a file", () => {
  it.each(["", "\n", "\r\n"])("may end in %j", (end) => {
    expect(load({ LATCHKEY_SECRET_FILE: fileWith(SECRET + end) }, FILES).secrets).toEqual([SECRET]);
  });

  it("may be the database URL, and its own rules hold", () => {
    const env = { LATCHKEY_SECRET: SECRET, DATABASE_URL_FILE: fileWith(`${SERVER}\n`) };
    expect(load(env, FILES).database).toMatchObject({ kind: "mysql", user: "ann", password: "pass" });
    expect(faultsOf({ ...env, LATCHKEY_SECRET: undefined }, FILES)).toEqual(["LATCHKEY_SECRET"]);
  });

  it("may be the Redis URL", () => {
    const { redis } = load({ REDIS_URL_FILE: fileWith("redis://ann:pass@h\n") }, FILES);
    expect(redis).toMatchObject({ host: "h", user: "ann", password: "pass" });
    expect(faultsOf({ REDIS_URL: "redis://h", REDIS_URL_FILE: fileWith("redis://h") }, FILES)).toEqual([
      "REDIS_URL",
    ]);
  });

  it("is found from the working directory", () => {
    const asked: string[] = [];
    const readFile = (path: string) => (asked.push(path), SECRET);
    load({ LATCHKEY_SECRET_FILE: "run/secret" }, { readFile });
    load({ LATCHKEY_SECRET_FILE: "/run/secret" }, { readFile });
    expect(asked).toEqual(["/srv/run/secret", "/run/secret"]);
  });

  it("is not asked for when the variable is empty", () => {
    expect(load({ LATCHKEY_SECRET_FILE: "", DATABASE_URL_FILE: "" }).secrets).toBeNull();
  });

  it("is refused beside the variable itself, unless that is empty", () => {
    const LATCHKEY_SECRET_FILE = fileWith(SECRET);
    expect(faultsOf({ LATCHKEY_SECRET: SECRET, LATCHKEY_SECRET_FILE }, FILES)).toEqual(["LATCHKEY_SECRET"]);
    expect(load({ LATCHKEY_SECRET: "", LATCHKEY_SECRET_FILE }, FILES).secrets).toEqual([SECRET]);
  });

  it.each([
    ["nothing", ""],
    ["a line end only", "\n"],
    ["two line ends", `${SECRET}\n\n`],
    ["two lines", `${SECRET}\n${SECRET}`],
    ["a NUL", `${SECRET}\0`],
    ["a byte order mark", `\ufeff${SECRET}`],
    ["a space at the end", `${SECRET} `],
    ["a short secret", "c4n4ry"],
    ["the same secret twice", `${SECRET},${SECRET}`],
    ["no UTF-8", Buffer.concat([Buffer.from(SECRET), Buffer.from([0xff])])],
    ["a megabyte", "x".repeat(1_048_576)],
  ])("that holds %s is one fault, without content or path", (_what, content) => {
    const error = errorOf({ DATABASE_URL: SERVER, LATCHKEY_SECRET_FILE: fileWith(content) }, FILES);
    expect(error.faults.map(({ name }) => name)).toEqual(["LATCHKEY_SECRET_FILE"]);
    expect(JSON.stringify([error.message, error.stack, error.cause])).not.toMatch(/c4n4ry|sss|xxx/);
  });

  it.each([
    ["a missing file", "missing", "ENOENT"],
    ["a folder", ".", "EISDIR"],
    ["an endless device", "/dev/zero", "EFBIG"],
    ["an impossible path", "a\0b", undefined],
    ["a path without an end", "x".repeat(5000), "ENAMETOOLONG"],
  ])("cannot be %s: one fault, with the reason and without the path", (_what, name, code) => {
    const path = name.startsWith("/") ? name : join(folder, name);
    const error = errorOf({ LATCHKEY_SECRET_FILE: path }, FILES);
    expect(error.faults.map((fault) => fault.name)).toEqual(["LATCHKEY_SECRET_FILE"]);
    expect(error.message).not.toContain("c4n4ry");
    if (code !== undefined) expect(error.message).toContain(`(${code})`);
  });

  it("reports unreadable files together with all other faults", () => {
    const env = { DATABASE_URL_FILE: join(folder, "a"), LATCHKEY_SECRET_FILE: join(folder, "b"), PORT: "x" };
    expect(faultsOf(env, FILES)).toEqual(["PORT", "DATABASE_URL_FILE", "LATCHKEY_SECRET_FILE"]);
  });
});
