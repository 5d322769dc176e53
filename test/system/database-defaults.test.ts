import mysql from "mysql2/promise";
import { loginUser, PASSWORD, registerUser } from "../support/client.js";
import { runCli, startGateway } from "../support/gateway.js";
import { describeWithMariadb, startMariadb, type OwnMariadb } from "../support/mariadb.js";
import { skipUnlessRequired } from "../support/required.js";

const SECRET = "hunter2-päss wörd";
const accountUrl = (server: OwnMariadb, user: string, password = SECRET) =>
  server.url("app", { user, password: encodeURIComponent(password) });

describeWithMariadb("a server with unusual defaults", () => {
  let server: OwnMariadb;

  beforeAll(async () => {
    server = await startMariadb(
      "--innodb-default-row-format=compact",
      "--default-storage-engine=MyISAM",
      "--character-set-server=latin1",
      "--log-bin=binary-log",
      "--binlog-format=ROW",
      "--autocommit=0",
      "--completion-type=CHAIN",
      "--sql-safe-updates=1",
      "--sql-mode=ANSI_QUOTES,NO_BACKSLASH_ESCAPES",
    );
    await server.query("SET SESSION autocommit = 1");
    await server.query("CREATE DATABASE app");
  });

  afterAll(async () => {
    await server.stop();
  });

  it("gets tables that do not rest on them, and no transaction is left open", async () => {
    const gateway = await startGateway({ DATABASE_URL: server.url("app") });
    const user = await registerUser(gateway.graphql);
    await loginUser(gateway.graphql, { userid: user.username, password: PASSWORD });
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
    const tables = await server.query(
      `SELECT table_name AS name, engine, row_format AS format, table_collation AS collation
       FROM information_schema.tables WHERE table_schema = 'app' ORDER BY table_name`,
    );
    expect(tables.length).toBeGreaterThan(9);
    // TypeORM's own: nothing in it is indexed, and all of it is ASCII.
    for (const { name, engine, format, collation } of tables.filter((table) => table.name !== "migration")) {
      expect([name, engine, format]).toEqual([name, "InnoDB", "Dynamic"]);
      expect(collation).toMatch(/^utf8mb4_/);
    }
    // What the next upgrade does, while the gateway serves; it waits for open transactions.
    const upgrade = await mysql.createConnection(server.url("app"));
    await upgrade.query("SET SESSION lock_wait_timeout = 5");
    for (const { name } of tables)
      await upgrade.query(`ALTER TABLE \`${String(name)}\` COMMENT = 'upgraded'`);
    await upgrade.end();
    const open = await server.query("SELECT trx_id FROM information_schema.innodb_trx");
    expect(open).toEqual([]);
    await gateway.stop();
  });

  it("a start is refused in one line that names the remedy", async () => {
    const create = (user: string, how: string) => server.query(`CREATE USER '${user}'@'%' ${how}`);
    await create("nothing", `IDENTIFIED BY '${SECRET}'`);
    await create("reader", `IDENTIFIED BY '${SECRET}'`);
    await server.query("GRANT SELECT ON app.* TO reader@'%'");
    await create("locked", `IDENTIFIED BY '${SECRET}' ACCOUNT LOCK`);
    await create("expired", `IDENTIFIED BY '${SECRET}' PASSWORD EXPIRE`);
    await server.query("GRANT ALL ON app.* TO expired@'%'");
    const refusals: [string, RegExp][] = [
      [accountUrl(server, "nothing", `${SECRET}!`), /Access denied .*; check the user and the password/],
      [accountUrl(server, "nothing"), /Access denied .*; grant the account SELECT, /],
      [accountUrl(server, "reader"), /command denied .*; grant the account SELECT, /],
      [accountUrl(server, "locked"), /locked; unlock the account/],
      [accountUrl(server, "expired"), /; set a new password for the account/],
      [server.url("nowhere"), /Unknown database .*; create it, or name another one/],
      [`${server.url("app")}?tls=true`, /secure connection; switch TLS on there/],
    ];
    for (const [DATABASE_URL, line] of refusals) {
      const { code, stderr, stdout } = await runCli(["migrate"], { DATABASE_URL });
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^latchkey: the database at .*\n$/)]);
      expect(stderr).toMatch(line);
      expect(stdout + stderr).not.toContain("hunter2");
    }
  });

  it("a binary log of statements is one of these: it names binlog_format, and ROW or MIXED", async () => {
    await server.query("SET GLOBAL binlog_format = STATEMENT");
    const refused = await runCli(["migrate"], { DATABASE_URL: server.url("app") });
    await server.query("SET GLOBAL binlog_format = MIXED");
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/^latchkey: the database at .*binlog_format to ROW or MIXED.*\n$/),
    ]);
    expect(await runCli(["migrate"], { DATABASE_URL: server.url("app") })).toMatchObject({ code: 0 });
  });

  it("accounts that prove themselves by MariaDB's ed25519 are served", async () => {
    if (!(await server.hasPlugin("auth_ed25519.so"))) {
      skipUnlessRequired("mariadb-ed25519", "of MariaDB's ed25519", "the server has no auth_ed25519.so");
      return;
    }
    await server.query("INSTALL SONAME 'auth_ed25519'");
    await server.query(`CREATE USER modern@'%' IDENTIFIED VIA ed25519 USING PASSWORD('${SECRET}')`);
    await server.query("GRANT ALL ON app.* TO modern@'%'");
    const gateway = await startGateway({ DATABASE_URL: accountUrl(server, "modern") });
    await registerUser(gateway.graphql);
    await gateway.stop();
    const wrong = await runCli(["migrate"], { DATABASE_URL: accountUrl(server, "modern", "wrong") });
    expect([wrong.code, wrong.stderr]).toEqual([
      1,
      expect.stringMatching(/Access denied .*; check the user/),
    ]);
  });
});
