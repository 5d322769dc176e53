import { setTimeout as sleep } from "node:timers/promises";
import mysql from "mysql2/promise";
import {
  bearer,
  loginUser,
  PASSWORD,
  registerUser,
  send,
  tokenStatusOf,
  uniqueName,
  type SignedIn,
} from "../support/client.js";
import { onEachDatabase, type TestDatabase } from "../support/databases.js";
import { spawnGateway, type GatewayProcess } from "../support/gateway.js";

onEachDatabase(
  "what a database server may do to a gateway",
  (create) => {
    let database: TestDatabase;
    let gateway: GatewayProcess;
    let user: SignedIn;

    beforeAll(async () => {
      database = await create();
      gateway = await spawnGateway({ DATABASE_URL: database.url });
      user = await registerUser(gateway.graphql);
    });

    afterAll(async () => {
      await gateway.stop();
      await database.drop();
    });

    /** Locks the account's row; answers what unlocks it. */
    async function lockRow(): Promise<() => Promise<void>> {
      const other = await mysql.createConnection(database.url);
      await other.query("START TRANSACTION");
      await other.query("UPDATE `user` SET locale = 'xx' WHERE id = ?", [user.id]);
      return () => other.end();
    }

    // InnoDB gives up on a lock after one second here: the second time is the retry's.
    it.each([500, 1_300])(
      "a row locked for %i ms delays a login, and does not fail it",
      async (milliseconds) => {
        const unlock = await lockRow();
        const login = loginUser(gateway.graphql, { userid: user.username, password: PASSWORD });
        await sleep(milliseconds);
        await unlock();
        await login;
      },
    );

    it("a row locked for longer is 503, and nothing is half done", async () => {
      const tokens = () => database.query("SELECT `key` FROM user_token WHERE userId = ?", [user.id]);
      const before = await tokens();
      const unlock = await lockRow();
      const input = { userid: user.username, password: PASSWORD };
      const answer = await send(
        gateway.graphql,
        "mutation ($input: LoginInput) { login(input: $input) { token } }",
        { input },
      );
      await unlock();
      expect([answer.status, answer.code]).toEqual([503, "SERVICE_UNAVAILABLE"]);
      expect(await tokens()).toEqual(before);
    });

    it("its connections killed, the next requests are served over others", async () => {
      await Promise.all(Array.from({ length: 8 }, () => registerUser(gateway.graphql)));
      const list =
        "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()";
      const [own] = await database.query("SELECT CONNECTION_ID() AS id");
      for (const row of await database.query(list)) {
        const id = Number(row.id ?? row.ID);
        if (id !== Number(own?.id)) await database.query(`KILL ${id}`).catch(() => []);
      }
      expect(await tokenStatusOf(gateway.graphql, bearer(user.token))).toBe("ok");
      await Promise.all(Array.from({ length: 8 }, () => registerUser(gateway.graphql)));
      expect(gateway.output.log).not.toContain('"level":"error"');
    });

    it("a column missing for a while is 503 for a while", async () => {
      await database.query("ALTER TABLE user_token RENAME COLUMN ip TO gone");
      expect(await tokenStatusOf(gateway.graphql, bearer(user.token))).toBe("SERVICE_UNAVAILABLE");
      await database.query("ALTER TABLE user_token RENAME COLUMN gone TO ip");
      expect(await tokenStatusOf(gateway.graphql, bearer(user.token))).toBe("ok");
    });

    it("fewer connections than the gateway wants are at worst 503, and never a defect", async () => {
      const name = `limited_${uniqueName().replaceAll("-", "_")}`.slice(0, 30);
      const limited = new URL(database.url);
      [limited.username, limited.password] = [name, "few-connections"];
      await database.query(
        `CREATE USER '${name}'@'%' IDENTIFIED BY 'few-connections' WITH MAX_USER_CONNECTIONS 2`,
      );
      await database.query(`GRANT ALL ON \`${limited.pathname.slice(1)}\`.* TO '${name}'@'%'`);
      const second = await spawnGateway({ DATABASE_URL: limited.href });
      const input = { userid: user.username, password: PASSWORD };
      const answers = await Promise.all(
        Array.from({ length: 30 }, () =>
          send(second.graphql, "mutation ($input: LoginInput) { login(input: $input) { token } }", { input }),
        ),
      );
      const codes = new Set(answers.map(({ code }) => code));
      for (const code of codes) expect([undefined, "SERVICE_UNAVAILABLE"]).toContain(code);
      await loginUser(second.graphql, input);
      await second.stop();
      await database.query(`DROP USER '${name}'@'%'`);
    });
  },
  ["mariadb", "mysql"],
);
