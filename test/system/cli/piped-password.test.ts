import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import { PASSWORD, uniqueName } from "../../support/client.js";
import { runCli, spawnCli, temporaryFolder } from "../../support/gateway.js";

describe("a password that is piped into latchkey users create", () => {
  const folder = temporaryFolder();
  const path = join(folder.path, "latchkey.sqlite");

  afterAll(() => {
    folder.remove();
  });

  /** Runs a command, with these bytes on its standard input. */
  async function run(args: string[], piped: Buffer | string = "") {
    const { child, output, exited } = spawnCli(["users", ...args], { DATABASE_URL: `sqlite:${path}` });
    child.stdin.end(piped);
    return { code: await exited, stdout: output.log, stderr: output.errors };
  }

  beforeAll(async () => {
    await runCli(["migrate"], { DATABASE_URL: `sqlite:${path}` });
  });

  function exists(username: string): boolean {
    const handle = new BetterSqlite3(path, { readonly: true });
    try {
      return handle.prepare("SELECT 1 FROM user WHERE username = ?").get(username) !== undefined;
    } finally {
      handle.close();
    }
  }

  it.each([
    ["in Latin-1", Buffer.from("gr\xfc\xdfe aus dem Norden\n", "latin1")],
    ["in UTF-16 with its mark", Buffer.from(`\ufeff${PASSWORD}\n`, "utf16le")],
    ["in UTF-16 without a mark", Buffer.from(`${PASSWORD}\n`, "utf16le")],
    ["cut off within a character", Buffer.from(`${PASSWORD} \u20ac`).subarray(0, -1)],
    ["that was damaged before", `${PASSWORD} \ufffd\n`],
    ["of two lines", `${PASSWORD}\n${PASSWORD}\n`],
    ["with an empty line behind", `${PASSWORD}\n\n`],
    ["with an empty line in front", `\n${PASSWORD}\n`],
    ["with a carriage return inside", `${PASSWORD}\r${PASSWORD}`],
    ["with a line separator inside", `${PASSWORD}\u2028${PASSWORD}`],
    ["of no bytes", ""],
    ["of a megabyte", "k7#Qz!m ".repeat(131_072)],
  ])("%s is refused, and makes no account", async (_what, piped) => {
    const username = uniqueName();
    const { code, stdout, stderr } = await run(["create", username], piped);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/\n {2}password: /);
    expect(stderr).not.toContain(PASSWORD);
    expect(exists(username)).toBe(false);
  });

  it.each([
    ["a line end of Unix", `${PASSWORD}\n`],
    ["a line end of Windows", `${PASSWORD}\r\n`],
    ["no line end", PASSWORD],
    ["a mark of UTF-8 in front", `\ufeff${PASSWORD}\n`],
    ["letters of many bytes", "gr\u00fc\u00dfe aus dem Norden \u5f20\n"],
  ])("with %s is taken", async (_what, piped) => {
    const username = uniqueName();
    expect((await run(["create", username], piped)).code).toBe(0);
    expect(exists(username)).toBe(true);
  });

  it("does not help a username that was not UTF-8", async () => {
    const { code, stderr } = await run(["create", "gr\ufffde"], PASSWORD);
    expect(code).toBe(1);
    expect(stderr).toMatch(/\n {2}username: /);
  });
});
