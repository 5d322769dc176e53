import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import { registerUser } from "../support/client.js";
import {
  runCli,
  spawnGateway,
  temporaryFolder,
  TEST_SECRET,
  type GatewayProcess,
} from "../support/gateway.js";

/** Nobody has to be there under this id. */
const SOMEBODY = 54_321;
/** Root without the rights of root, as in a container that drops all capabilities. */
const WITHOUT_RIGHTS = ["setpriv", "--bounding-set=-all", "--"];

/** Files of another user need root. Where the tests must be complete its absence is a failure, elsewhere it is said. */
const canChown = process.getuid?.() === 0 && process.platform === "linux";
if (!canChown) {
  if (process.env.TEST_REQUIRE)
    throw new Error("TEST_REQUIRE is set: files of another user need root on Linux");
  process.stderr.write(
    "tests of files of another user are skipped: they make some, which needs root on Linux\n",
  );
}

const modeOf = (path: string) => statSync(path).mode & 0o777;

const started: GatewayProcess[] = [];
const start = async (...what: Parameters<typeof spawnGateway>) => {
  const gateway = await spawnGateway(...what);
  started.push(gateway);
  return gateway;
};
afterEach(() => Promise.all(started.splice(0).map((gateway) => gateway.stop())));

/** The paths that the one warning of a start names; undefined when there was none. */
function warnedOf({ output }: GatewayProcess): string[] | undefined {
  const lines = output.log.trim().split("\n");
  const warnings = lines.map((line) => JSON.parse(line) as { open?: string[] }).filter(({ open }) => open);
  expect(warnings.length).toBeLessThan(2);
  return warnings[0]?.open;
}

(canChown ? describe : describe.skip)("files of another user", () => {
  const home = temporaryFolder();
  let folder: string;
  let path: string;
  let secret: string;
  let count = 0;

  beforeEach(() => {
    folder = join(home.path, String(count++));
    path = join(folder, "latchkey.sqlite");
    secret = join(folder, "latchkey.secret");
    mkdirSync(folder);
  });

  afterAll(() => {
    home.remove();
  });

  const settings = () => ({ DATABASE_URL: `sqlite:${path}`, LATCHKEY_SECRET: undefined });

  /** Makes a file, or takes one, that belongs to somebody else. */
  function handOver(file: string, mode: number, content?: string): void {
    if (content !== undefined) writeFileSync(file, content);
    chownSync(file, SOMEBODY, SOMEBODY);
    chmodSync(file, mode);
  }

  it("are used as they are if they can be written, with one warning that names them", async () => {
    handOver(path, 0o666, "");
    handOver(secret, 0o644, `${TEST_SECRET}\n`);
    handOver(folder, 0o777);
    const gateway = await start(settings(), WITHOUT_RIGHTS);
    await registerUser(gateway.graphql);
    expect(warnedOf(gateway)).toEqual([path, secret, folder]);
    expect([path, secret, folder].map(modeOf)).toEqual([0o666, 0o644, 0o777]);
    expect(await gateway.stop()).toBe(0);
    expect(readFileSync(secret, "utf8")).toBe(`${TEST_SECRET}\n`);
  });

  it("are used without a warning if nobody but a privileged process and their owner gets at them", async () => {
    handOver(path, 0o600, "");
    handOver(secret, 0o600, `${TEST_SECRET}\n`);
    handOver(folder, 0o700);
    const gateway = await start(settings());
    await registerUser(gateway.graphql);
    expect(warnedOf(gateway)).toBeUndefined();
  });

  it("are refused in one line that names them if they cannot be opened", async () => {
    handOver(path, 0o600, "");
    const end = await runCli(["serve"], settings(), "", WITHOUT_RIGHTS);
    expect(end.code).toBe(1);
    expect(end.stderr).toBe(
      `latchkey: the database file ${path} cannot be opened and written by the user with the id 0 (EACCES)\n`,
    );
  });

  it("are refused likewise if they lie beside the database, left by a start as another user", async () => {
    const other = new BetterSqlite3(path);
    other.pragma("journal_mode = WAL");
    other.exec("CREATE TABLE t (x)");
    handOver(`${path}-wal`, 0o600);
    const known = { ...settings(), LATCHKEY_SECRET: TEST_SECRET };
    const end = await runCli(["serve"], known, "", WITHOUT_RIGHTS);
    other.close();
    expect(end.code).toBe(1);
    expect(end.stderr).toContain(`${path}-wal cannot be opened`);
    expect(end.stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  it("are refused in one line if the secret cannot be read", async () => {
    handOver(secret, 0o600, `${TEST_SECRET}\n`);
    const end = await runCli(["serve"], settings(), "", WITHOUT_RIGHTS);
    expect(end.code).toBe(2);
    expect(end.stderr).toContain(`${secret} cannot be read (EACCES)`);
    expect(end.stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});

describe("files of one's own", () => {
  it("are closed to others again, the secret too, without a warning", async () => {
    const { path: folder, remove } = temporaryFolder();
    const [path, secret] = [join(folder, "latchkey.sqlite"), join(folder, "latchkey.secret")];
    writeFileSync(path, "", { mode: 0o644 });
    writeFileSync(secret, `${TEST_SECRET}\n`, { mode: 0o644 });
    const gateway = await start({ DATABASE_URL: `sqlite:${path}`, LATCHKEY_SECRET: undefined });
    expect([path, `${path}-wal`, secret].map(modeOf)).toEqual([0o600, 0o600, 0o600]);
    expect(warnedOf(gateway)).toBeUndefined();
    remove();
  });
});
