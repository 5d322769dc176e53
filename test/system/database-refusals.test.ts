import mysql from "mysql2/promise";
import { bearer, loginUser, PASSWORD, registerUser, send, type SignedIn } from "../support/client.js";
import { startGateway, type RunningGateway } from "../support/gateway.js";
import { describeWithMariadb, startMariadb, type OwnMariadb } from "../support/mariadb.js";

const LOGIN = "mutation ($input: LoginInput) { login(input: $input) { token } }";
const ACCOUNT = { user: "app", password: "hunter2" };
const RIGHTS = "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP, REFERENCES";
const ALL_REFUSED = { readyz: 503, verify: 503, dialect: 503, login: "503 SERVICE_UNAVAILABLE" };
const WRITES_REFUSED = { login: "503 SERVICE_UNAVAILABLE" };

describeWithMariadb("what a server refuses a running gateway", () => {
  let server: OwnMariadb;
  let gateway: RunningGateway;
  let user: SignedIn;

  beforeAll(async () => {
    server = await startMariadb("--log-bin=binary-log", "--binlog-format=ROW");
    await server.query("CREATE DATABASE app");
    await server.query(`CREATE USER 'app'@'%' IDENTIFIED BY '${ACCOUNT.password}'`);
    await server.query(`GRANT ${RIGHTS} ON app.* TO 'app'@'%'`);
    gateway = await startGateway({ DATABASE_URL: server.url("app", ACCOUNT) });
    user = await registerUser(gateway.graphql);
  });

  afterAll(async () => {
    await gateway.stop();
    await server.stop();
  });

  /** What each kind of request is answered, as an operator's load balancer and callers see it. */
  async function answers(): Promise<typeof ALL_REFUSED> {
    const headers = bearer(user.token);
    const input = { userid: user.username, password: PASSWORD };
    const statusOf = async (path: string, options = {}) => {
      const response = await fetch(`${gateway.url}${path}`, options);
      if (response.status === 503) expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
      return response.status;
    };
    const basic = `Basic ${Buffer.from(`${user.username}:${PASSWORD}`).toString("base64")}`;
    const login = await send(gateway.graphql, LOGIN, { input });
    return {
      readyz: await statusOf("/readyz"),
      verify: await statusOf("/verify", { headers }),
      dialect: await statusOf("/auth/login", { method: "POST", headers: { authorization: basic } }),
      login: `${login.status} ${login.code ?? "ok"}`,
    };
  }

  /** Breaks something, sees what is answered, mends it, and sees that everything is served again at once. */
  it.each<[string, { break: string[]; mend: string[]; refused: Partial<typeof ALL_REFUSED> }]>([
    [
      "its password changed",
      {
        break: ["SET PASSWORD FOR 'app'@'%' = PASSWORD('another')"],
        mend: [`SET PASSWORD FOR 'app'@'%' = PASSWORD('${ACCOUNT.password}')`],
        refused: ALL_REFUSED,
      },
    ],
    [
      "its account locked",
      {
        break: ["ALTER USER 'app'@'%' ACCOUNT LOCK"],
        mend: ["ALTER USER 'app'@'%' ACCOUNT UNLOCK"],
        refused: ALL_REFUSED,
      },
    ],
    [
      "its rights revoked",
      {
        break: ["REVOKE ALL PRIVILEGES ON app.* FROM 'app'@'%'"],
        mend: [`GRANT ${RIGHTS} ON app.* TO 'app'@'%'`],
        refused: ALL_REFUSED,
      },
    ],
    [
      "its right to write revoked",
      {
        break: ["REVOKE INSERT, UPDATE, DELETE ON app.* FROM 'app'@'%'"],
        mend: [`GRANT INSERT, UPDATE, DELETE ON app.* TO 'app'@'%'`],
        refused: { readyz: 200, verify: 200, dialect: 503, ...WRITES_REFUSED },
      },
    ],
    [
      "the binary log switched to a format that its writes do not suit",
      {
        break: ["SET GLOBAL binlog_format = STATEMENT"],
        mend: ["SET GLOBAL binlog_format = ROW"],
        refused: { readyz: 200, verify: 200, dialect: 503, ...WRITES_REFUSED },
      },
    ],
    [
      "the server made read-only",
      {
        break: ["SET GLOBAL read_only = ON"],
        mend: ["SET GLOBAL read_only = OFF"],
        refused: { readyz: 200, verify: 200, dialect: 503, ...WRITES_REFUSED },
      },
    ],
    [
      "the table of tokens gone",
      {
        break: ["RENAME TABLE app.user_token TO app.away"],
        mend: ["RENAME TABLE app.away TO app.user_token"],
        refused: ALL_REFUSED,
      },
    ],
    [
      "a table gone that only registrations and logins need",
      {
        break: ["RENAME TABLE app.user_identifier TO app.away"],
        mend: ["RENAME TABLE app.away TO app.user_identifier"],
        refused: { readyz: 503, verify: 200, dialect: 503, ...WRITES_REFUSED },
      },
    ],
    [
      "the database gone",
      {
        break: ["CREATE DATABASE away", ...moved("app", "away"), "DROP DATABASE app"],
        mend: ["CREATE DATABASE app", ...moved("away", "app"), "DROP DATABASE away"],
        refused: ALL_REFUSED,
      },
    ],
  ])("%s: 503, nothing is a defect, and mended it is served at once", async (_what, fault) => {
    for (const sql of fault.break) await server.query(sql);
    await server.endConnections();
    const meanwhile = await answers();
    for (const sql of fault.mend) await server.query(sql);
    await server.endConnections();
    expect(meanwhile).toEqual(fault.refused);
    expect(await answers()).toEqual({ readyz: 200, verify: 200, dialect: 200, login: "200 ok" });
    expect(gateway.output.log).not.toContain('"level":"error"');
    for (const secret of [ACCOUNT.password, PASSWORD, user.token]) {
      expect(gateway.output.log + gateway.output.errors).not.toContain(secret);
    }
  });

  it("connections that began without rights are not used any more once the rights are back", async () => {
    const change = (verb: string) => server.query(`${verb} 'app'@'%'`);
    await change("REVOKE INSERT ON app.* FROM");
    await server.endConnections();
    expect(await answers()).toMatchObject(WRITES_REFUSED);
    await change("GRANT INSERT ON app.* TO");
    expect(await answers()).toMatchObject({ login: "200 ok", dialect: 200 });
  });

  it("a statement that waits for a lock for longer than the server lets it is 503", async () => {
    await server.query("SET GLOBAL max_statement_time = 0.2");
    await server.endConnections();
    const other = await mysql.createConnection(server.url("app"));
    await other.query("SET SESSION max_statement_time = 0");
    await other.query("START TRANSACTION");
    await other.query("UPDATE `user` SET locale = 'xx' WHERE id = ?", [user.id]);
    expect(await answers()).toEqual({ readyz: 200, verify: 200, dialect: 503, ...WRITES_REFUSED });
    await other.end();
    await server.query("SET GLOBAL max_statement_time = 0");
    await server.endConnections();
    await loginUser(gateway.graphql, { userid: user.username, password: PASSWORD });
  });
});

/** All tables into another database; foreign keys follow. */
function moved(from: string, to: string): string[] {
  const tables = ["client", "lease", "migration", "revocation", "revocation_head", "signing_key"];
  const tied = ["throttle", "user", "user_identifier", "user_token"];
  return [...tables, ...tied].map((table) => `RENAME TABLE ${from}.\`${table}\` TO ${to}.\`${table}\``);
}
