import { onEachDatabase, type TestDatabase } from "../../support/databases.js";
import { runCli } from "../../support/gateway.js";

const UUID = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}";
const INSTANT = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";

onEachDatabase(
  "latchkey clients",
  (create) => {
    let database: TestDatabase;

    beforeAll(async () => {
      database = await create();
      await runCli(["migrate"], { DATABASE_URL: database.url });
    });

    afterAll(() => database.drop());

    const clients = (...args: string[]) => runCli(["clients", ...args], { DATABASE_URL: database.url });

    /** The last event of the audit trail on standard error. */
    const auditOf = (stderr: string) => /"audit":"([^"]*)"/.exec(stderr)?.[1];

    it("create: answers id and secret on standard output, and the secret nowhere else", async () => {
      const made = await clients("create", "the billing service");
      expect([made.code, auditOf(made.stderr)]).toEqual([0, "client.created"]);
      expect(made.stdout).toMatch(new RegExp(`^${UUID} lkc_[\\w-]{43}\n$`));
      const secret = made.stdout.trim().split(" ")[1]!;
      expect(made.stderr).not.toContain(secret);
      expect(JSON.stringify(await database.query("SELECT * FROM client"))).not.toContain(secret);
    });

    it("create --json: answers in JSON", async () => {
      const { code, stdout } = await clients("create", "json", "--json");
      expect([code, JSON.parse(stdout)]).toEqual([
        0,
        {
          id: expect.stringMatching(new RegExp(`^${UUID}$`)),
          name: "json",
          secret: expect.stringMatching(/^lkc_/),
        },
      ]);
    });

    it("list: shows every client, oldest first, revoked ones too, and no digest", async () => {
      const [id] = (await clients("create", "to be revoked")).stdout.split(" ") as [string];
      const revoked = await clients("revoke", id);
      expect(revoked).toMatchObject({ code: 0, stdout: `${id} revoked to be revoked\n` });
      expect(auditOf(revoked.stderr)).toBe("client.revoked");
      const { code, stdout } = await clients("list");
      const lines = stdout.trimEnd().split("\n");
      expect([code, lines.length]).toEqual([0, 3]);
      expect(lines[0]).toMatch(
        new RegExp(`^${UUID}  created ${INSTANT}  never used  active  the billing service$`),
      );
      expect(lines[2]).toMatch(
        new RegExp(`^${id}  created ${INSTANT}  never used  revoked ${INSTANT}  to be revoked$`),
      );
      const json = JSON.parse((await clients("list", "--json")).stdout);
      expect(json.map(({ name }: { name: string }) => name)).toEqual([
        "the billing service",
        "json",
        "to be revoked",
      ]);
      expect(Object.keys(json[0])).toEqual(["id", "name", "creationTime", "lastUsageTime", "revocationTime"]);
    });

    it("revoke: a second time is done already; an unknown one is exit code 1", async () => {
      const [id] = (await clients("create", "again")).stdout.split(" ") as [string];
      expect((await clients("revoke", id)).code).toBe(0);
      const again = await clients("revoke", id);
      expect([again.code, auditOf(again.stderr)]).toEqual([0, undefined]);
      for (const unknown of ["again", "00000000-0000-4000-8000-000000000000"]) {
        const { code, stdout, stderr } = await clients("revoke", unknown);
        expect([code, stdout]).toEqual([1, ""]);
        expect(stderr).toMatch(/^latchkey: .*no such client.*$/m);
      }
    });

    it("create: a name that is no name is exit code 1, and makes nothing", async () => {
      const before = (await clients("list")).stdout;
      const { code, stdout, stderr } = await clients("create", " ");
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/\n {2}name: /);
      expect((await clients("list")).stdout).toBe(before);
    });
  },
  ["sqlite"],
); // The stores are tested on every database in test/clients.
