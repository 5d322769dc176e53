import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PASSWORD } from "../../support/client.js";
import { onEachDatabase, type TestDatabase } from "../../support/databases.js";
import { runCli, temporaryFolder, type CliResult } from "../../support/gateway.js";

const CREATE = ["users", "create", "ann"];
const LIST = ["clients", "list"];
/** Commands on the database other than `serve` and `migrate`: what writes, and what only reads. */
const OTHERS = [
  CREATE,
  ["users", "disable", "ann"],
  ["keys", "rotate"],
  ["clients", "create", "billing"],
  LIST,
];

/** Exit code 1 and one line: which database was looked for, and what to do. */
function expectRefusal({ code, stdout, stderr }: CliResult, place: string): void {
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/^latchkey: [^\n]*DATABASE_URL[^\n]*latchkey migrate[^\n]*\n$/);
  expect(stderr).toContain(place);
}

describe("a command on an embedded database that nobody has made", () => {
  it.each(OTHERS)("`latchkey %s %s` is refused, and leaves no file behind", async (...args) => {
    const home = temporaryFolder();
    const nothingSet = { cwd: home.path, LATCHKEY_SECRET: undefined };
    expectRefusal(await runCli(args, nothingSet, PASSWORD), join(home.path, "data/latchkey.sqlite"));
    expect(readdirSync(home.path)).toEqual([]);
    home.remove();
  });

  it("is refused where the file is empty, and with a secret of its own", async () => {
    const home = temporaryFolder();
    const path = join(home.path, "latchkey.sqlite");
    expectRefusal(await runCli(LIST, { DATABASE_URL: `sqlite:${path}` }), path);
    writeFileSync(path, "");
    const settings = { DATABASE_URL: `sqlite:${path}`, LATCHKEY_SECRET: undefined };
    expectRefusal(await runCli(LIST, settings), path);
    expect(readdirSync(home.path)).toEqual(["latchkey.sqlite"]);
    home.remove();
  });

  it("works once `migrate` has made it, and `migrate` says what it made", async () => {
    const home = temporaryFolder();
    const settings = { cwd: home.path, LATCHKEY_SECRET: undefined };
    const made = await runCli(["migrate"], settings);
    expect(made.code).toBe(0);
    for (const file of ["latchkey.sqlite", "latchkey.secret"])
      expect(made.stderr).toContain(join(home.path, "data", file));
    expect(existsSync(join(home.path, "data/latchkey.sqlite"))).toBe(true);
    expect(await runCli(LIST, settings)).toEqual({ code: 0, stdout: "", stderr: "" });
    home.remove();
  });
});

onEachDatabase("the database of a command", (create) => {
  let database: TestDatabase;
  const place = () => placeOf(database);

  beforeAll(async () => {
    database = await create();
  });

  afterAll(async () => {
    await database.drop();
  });

  it("is refused as long as it has no tables, or another program's only, and is left as it is", async () => {
    const run = (args: string[]) => runCli(args, { DATABASE_URL: database.url }, PASSWORD);
    await database.query("CREATE TABLE recipe (name VARCHAR(20))");
    for (const args of [CREATE, LIST]) expectRefusal(await run(args), place());
    const tables =
      database.kind === "sqlite"
        ? "SELECT name FROM sqlite_master"
        : "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()";
    expect(await database.query(tables)).toEqual([{ name: "recipe" }]);
    await database.query("DROP TABLE recipe");
  });

  it("is named on standard error by every command that writes", async () => {
    const more = [
      ["users", "role", "ann", "admin"],
      ["users", "disable", "ann"],
      ["users", "enable", "ann"],
      ["keys", "rotate"],
      ["clients", "create", "billing"],
    ];
    for (const args of [["migrate"], CREATE, ...(database.kind === "sqlite" ? more : [])]) {
      const { code, stdout, stderr } = await runCli(args, { DATABASE_URL: database.url }, PASSWORD);
      expect([args, code]).toEqual([args, 0]);
      expect(stderr).toMatch(/^latchkey: database: /m);
      expect(stderr).toContain(place());
      expect(stdout).not.toContain("database:");
    }
    const refused = await runCli(["users", "role", "ben", "admin"], { DATABASE_URL: database.url });
    expect([refused.code, refused.stderr.includes(place())]).toEqual([1, true]);
    const read = await runCli(["keys", "list"], { DATABASE_URL: database.url });
    expect([read.code, read.stderr]).toEqual([0, ""]);
  });
});

const placeOf = ({ kind, url }: TestDatabase): string => {
  if (kind === "sqlite") return url.slice("sqlite:".length);
  const { hostname, port, pathname } = new URL(url);
  return `${pathname.slice(1)} at ${hostname}:${port}`;
};
