import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCli, temporaryFolder } from "../../support/gateway.js";

const ROOT = join(import.meta.dirname, "../../..");

/** Every verb, and what its help must speak of. */
const HELP: [verb: string, words: string[]][] = [
  ["", ["serve", "migrate", "users", "keys", "clients", "schema", "config"]],
  ["serve", ["SIGTERM"]],
  ["migrate", ["schema"]],
  ["users", ["create", "role", "enable", "disable"]],
  ["users create", ["<username>", "--email", "--phone", "--locale", "--role", '"viewer"', "standard input"]],
  ["users role", ["<user>", "<role>", '"root"']],
  ["users enable", ["<user>"]],
  ["users disable", ["<user>", "tokens"]],
  ["clients", ["create", "list", "revoke"]],
  ["clients create", ["<name>", "--json", "secret"]],
  ["clients list", ["--json"]],
  ["clients revoke", ["<id>"]],
  [
    "schema print",
    ["GraphQL", "--federation", "--no-directives", "@apollo/gateway", "FEDERATION_DIRECTIVES"],
  ],
  ["keys", ["list", "rotate", "retire"]],
  ["keys list", ["--json", "upcoming", "signing", "retired", "dropped"]],
  ["keys rotate", ["--now", "--json", "publish"]],
  ["keys retire", ["<kid>", "--compromised", "--json", "refused"]],
  ["config check", ["environment"]],
  ["health", ["--ready", "exit code"]],
];

describe("the command line", () => {
  const folder = temporaryFolder();
  const settings = { DATABASE_URL: `sqlite:${join(folder.path, "latchkey.sqlite")}` };

  afterAll(() => {
    folder.remove();
  });

  it.each(HELP)(
    "`latchkey %s --help` explains itself on standard output, with the exit codes",
    async (verb, words) => {
      const { code, stdout, stderr } = await runCli([...verb.split(" ").filter(Boolean), "--help"], settings);
      expect([code, stderr]).toEqual([0, ""]);
      for (const word of [...words, "Usage: latchkey", "Exit codes: 0", "--help"])
        expect(stdout).toContain(word);
    },
  );

  it.each([
    ["no verb", []],
    ["a verb without its sub-verb", ["users"]],
    ["an unknown sub-verb", ["users", "delete"]],
    ["a missing argument", ["users", "role", "ann"]],
    ["a role that does not exist", ["users", "role", "ann", "king"]],
    ["a key that is not named", ["keys", "retire", "--compromised"]],
    ["two keys at once", ["keys", "retire", "one", "two"]],
    ["an option with a value that takes none", ["keys", "rotate", "--now=5m"]],
    ["an argument too many", ["migrate", "now"]],
    ["a name of two words without quotes", ["clients", "create", "billing", "service"]],
    ["a client that is not named", ["clients", "revoke"]],
    ["an unknown option", ["serve", "--port", "4000"]],
  ])("%s is exit code 2, told on standard error", async (_what, args) => {
    const { code, stdout, stderr } = await runCli(args, settings);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).not.toBe("");
  });

  it("a password is no argument, and is not repeated", async () => {
    for (const args of [["hunter2-hunter2"], ["--password", "hunter2-hunter2"]]) {
      const { code, stdout, stderr } = await runCli(["users", "create", "ann", ...args], settings);
      expect(code).toBe(2);
      expect(stdout + stderr).not.toContain("hunter2");
    }
  });

  it.each([["serve"], ["users create ann"], ["config check"]])(
    "`latchkey %s` names every fault of the configuration at once, without its value, and is exit code 2",
    async (verb) => {
      const faults = {
        DATABASE_URL: "mysql://app:hunter2@/",
        PORT: "hunter2",
        LATCHKEY_SECRET: "hunter2",
        LATCHKEY_HUNTER: "x",
      };
      const { code, stdout, stderr } = await runCli(verb.split(" "), faults);
      expect([code, stdout]).toEqual([2, ""]);
      for (const name of Object.keys(faults)) expect(stderr).toContain(name);
      expect(stderr).not.toContain("hunter2");
    },
  );

  it("`latchkey config check` says what it will use, and no secret of it", async () => {
    const url = "mysql://app:hunter2@db1:3307,db2/accounts";
    const settings = { DATABASE_URL: url, REDIS_URL: "redis://app:hunter2@r1:6380", PORT: "4123" };
    const { code, stdout, stderr } = await runCli(["config", "check"], settings);
    expect([code, stderr]).toEqual([0, ""]);
    for (const word of ["http://localhost:4000", "4123", "db1:3307", "db2:3306", "r1:6380"])
      expect(stdout).toContain(word);
    expect(stdout).not.toMatch(/hunter2|app|secret/);
    expect(stdout).toMatch(/^ {2}PORT +4123$/m);
    for (const name of ["DATABASE_URL", "REDIS_URL"])
      expect(stdout).toMatch(new RegExp(`^ {2}${name} +\\(hidden\\)$`, "m"));
    // At its default.
    expect(stdout).not.toMatch(/THROTTLE_FORGERIES|HOST /);
  });

  it("`latchkey config check` names the file of a secret, and warns of a name that is near to a setting", async () => {
    const file = join(folder.path, "a.key");
    writeFileSync(file, `hunter2-${"x".repeat(40)}\n`);
    const settings = { LATCHKEY_SECRET: undefined, LATCHKEY_SECRET_FILE: file, DATABSE_URL: "hunter2" };
    const { code, stdout, stderr } = await runCli(["config", "check"], settings);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^ {2}LATCHKEY_SECRET_FILE +${file} \\(hidden\\)$`, "m"));
    expect(stderr).toMatch(/^latchkey: warning: DATABSE_URL .*DATABASE_URL\?\n$/);
    expect(stdout + stderr).not.toContain("hunter2");
  });

  it.each(["schema print --federation", "health"])(
    "`latchkey %s` warns of a name that is near to a setting",
    async (command) => {
      const settings = { FEDERATION_DIRECTIVE: "off", PORT: "0" };
      const { stderr } = await runCli(command.split(" "), settings);
      expect(stderr).toMatch(/^latchkey: warning: FEDERATION_DIRECTIVE .*FEDERATION_DIRECTIVES\?\n/);
    },
  );

  it("`latchkey schema print` prints exactly schema.graphql, and needs no database", async () => {
    const { code, stdout, stderr } = await runCli(["schema", "print"], {
      DATABASE_URL: "mysql://nobody@nowhere/none",
    });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(readFileSync(join(ROOT, "schema.graphql"), "utf8"));
  });

  it("`latchkey schema print --federation` prints the subgraph that the settings make, and needs no database", async () => {
    const print = (settings: Record<string, string>) => runCli(["schema", "print", "--federation"], settings);
    const { code, stdout, stderr } = await print({ DATABASE_URL: "mysql://nobody@nowhere/none" });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^extend schema @link\(/);
    expect(stdout).toContain("@authenticated");
    expect((await print({ FEDERATION_DIRECTIVES: "off" })).stdout).not.toMatch(
      /@authenticated|@requiresScopes/,
    );
    const without = await runCli(["schema", "print", "--federation", "--no-directives"], {});
    expect([without.code, without.stderr]).toEqual([0, ""]);
    expect(without.stdout).toBe((await print({ FEDERATION_DIRECTIVES: "off" })).stdout);
    const alone = await runCli(["schema", "print", "--no-directives"], {});
    expect([alone.code, alone.stdout]).toEqual([2, ""]);
    expect(alone.stderr).toContain("--no-directives");
    const faulty = await print({ FEDERATION_DIRECTIVES: "maybe" });
    expect([faulty.code, faulty.stdout]).toEqual([2, ""]);
    expect(faulty.stderr).toContain("FEDERATION_DIRECTIVES");
  });

  it("`latchkey --version` prints that of the package", async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
    expect(await runCli(["--version"], {})).toEqual({ code: 0, stderr: "", stdout: `${version}\n` });
  });

  it("`latchkey migrate` says what it ran, and the second time that there is nothing to do", async () => {
    const first = await runCli(["migrate"], settings);
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Ran: FirstSchema\d+(?:, \w+)*\n$/),
    });
    const second = await runCli(["migrate"], settings);
    expect(second).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Nothing to do/) });
    expect(second.stderr).not.toContain("created");
  });
});
