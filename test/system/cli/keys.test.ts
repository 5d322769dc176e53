import { onEachDatabase, type TestDatabase } from "../../support/databases.js";
import { runCli, type CliResult, type Settings } from "../../support/gateway.js";

const INSTANT = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
const KID = "[A-Za-z0-9_][A-Za-z0-9_-]{42}";

interface Key {
  kid: string;
  algorithm: string;
  state: string;
  activationTime: string;
  retirementTime: string | null;
  publishedUntil: string | null;
  dropTime: string | null;
}

onEachDatabase(
  "latchkey keys",
  (create) => {
    let database: TestDatabase;

    beforeEach(async () => {
      database = await create();
      // What making a database says is no part of these.
      await runCli(["migrate"], { DATABASE_URL: database.url });
    });

    afterEach(async () => {
      await database.drop();
    });

    const keys = (args: string[], settings: Settings = {}) =>
      runCli(["keys", ...args], { DATABASE_URL: database.url, ...settings });
    const list = async () => JSON.parse((await keys(["list", "--json"])).stdout) as Key[];
    const states = async () => (await list()).map(({ kid, state }) => [kid, state]);
    const kidOf = ({ stdout }: CliResult) => stdout.split(" ")[0] ?? "";

    /** The audit trail on standard error, which also has notes for people. */
    const auditOf = ({ stderr }: CliResult) =>
      stderr
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .map(({ audit, kid, by }) => ({ audit, kid, by }));

    it("list: a line for each key, and nothing private of any", async () => {
      const { code, stdout, stderr } = await keys(["list"]);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toMatch(new RegExp(`^${KID} ES256 signing since ${INSTANT}\n$`));
      const json = (await keys(["list", "--json"])).stdout;
      const [row] = await database.query("SELECT kid, privateKey FROM signing_key");
      expect(JSON.parse(json)).toEqual([
        {
          kid: row?.kid,
          algorithm: "ES256",
          state: "signing",
          creationTime: expect.stringMatching(INSTANT),
          activationTime: expect.stringMatching(INSTANT),
          retirementTime: null,
          publishedUntil: null,
          dropTime: null,
        },
      ]);
      expect(stdout + json).not.toContain(row?.privateKey);
    });

    it("rotate: publishes the next key, tells from when on it signs, and does so once", async () => {
      const [before] = await list();
      const made = await keys(["rotate"]);
      expect(made.code).toBe(0);
      expect(made.stdout).toMatch(new RegExp(`^${KID} ES256 upcoming signs from ${INSTANT}\n$`));
      expect(auditOf(made)).toEqual([{ audit: "key.rotated", kid: kidOf(made), by: "cli" }]);
      const [next, signing] = await list();
      expect([next?.kid, signing?.kid]).toEqual([kidOf(made), before?.kid]);
      expect(signing?.retirementTime).toBe(next?.activationTime);
      const again = await keys(["rotate"]);
      expect([again.code, again.stdout]).toEqual([1, ""]);
      expect(again.stderr).toMatch(new RegExp(`^latchkey: .*${kidOf(made)} signs from ${INSTANT}.*$`, "m"));
      expect(await list()).toHaveLength(2);
    });

    it("rotate --now: brings the next key forward, and warns of what verifiers may refuse", async () => {
      const next = kidOf(await keys(["rotate"]));
      const sooner = await keys(["rotate", "--now", "--json"]);
      expect(JSON.parse(sooner.stdout)).toMatchObject({ kid: next, state: "upcoming" });
      expect(sooner.stderr).toMatch(/^latchkey: .*refuse/m);
      expect(await list()).toHaveLength(2);
    });

    it("rotate: makes a key of the algorithm that is set", async () => {
      const made = await keys(["rotate"], { SIGNING_ALGORITHM: "RS256" });
      expect(made.stdout).toMatch(new RegExp(`^${KID} RS256 upcoming`));
    });

    it("retire: refuses the key that signs and says what to do, calls one off that is to come", async () => {
      const [signing] = await list();
      const refused = await keys(["retire", signing?.kid ?? ""]);
      expect([refused.code, refused.stdout]).toEqual([1, ""]);
      expect(refused.stderr).toMatch(/^latchkey: .*latchkey keys rotate.*$/m);
      const next = kidOf(await keys(["rotate"]));
      const off = await keys(["retire", next]);
      expect(off).toMatchObject({ code: 0, stdout: expect.stringMatching(`^${next} ES256 dropped since `) });
      expect(auditOf(off)).toEqual([{ audit: "key.retired", kid: next, by: "cli" }]);
      expect(await states()).toEqual([
        [signing?.kid, "signing"],
        [next, "dropped"],
      ]);
    });

    it("retire --compromised: drops the key that signs, names the one that took over, and warns", async () => {
      const [signing] = await list();
      const dropped = await keys(["retire", "--compromised", signing?.kid ?? ""]);
      expect(dropped.code).toBe(0);
      expect(dropped.stdout).toMatch(new RegExp(`^${signing?.kid} ES256 dropped since ${INSTANT}\n$`));
      expect(auditOf(dropped)).toEqual([{ audit: "key.dropped", kid: signing?.kid, by: "cli" }]);
      const [successor] = await list();
      expect(dropped.stderr).toMatch(new RegExp(`^latchkey: ${successor?.kid} signs from now on`, "m"));
      expect(dropped.stderr).toMatch(/^latchkey: .*may accept/m);
      expect(await states()).toEqual([
        [successor?.kid, "signing"],
        [signing?.kid, "dropped"],
      ]);
      const rows = await database.query("SELECT privateKey FROM signing_key WHERE kid = ?", [
        signing?.kid ?? "",
      ]);
      expect(rows).toEqual([{ privateKey: "" }]);
    });

    it.each([[[]], [["--compromised"]]])("retire %j: of an unknown key is exit code 1", async (options) => {
      for (const kid of ["nothing", "' OR 1=1 --", "x".repeat(5_000)]) {
        const { code, stdout, stderr } = await keys(["retire", kid, ...options]);
        expect([code, stdout]).toEqual([1, ""]);
        expect(stderr).toMatch(/^latchkey: .*no such key.*$/m);
      }
      expect(await list()).toHaveLength(1);
    });
  },
  ["sqlite"],
);
