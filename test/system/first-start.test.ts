import { execFile } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import BetterSqlite3 from "better-sqlite3";
import { bearer, loginUser, PASSWORD, registerUser, tokenStatusOf } from "../support/client.js";
import { onEachDatabase, type TestDatabase } from "../support/databases.js";
import {
  runCli,
  spawnCli,
  spawnGateway,
  temporaryFolder,
  type GatewayProcess,
  type Settings,
} from "../support/gateway.js";

const GATEWAYS = 10;

type Query = TestDatabase["query"];

/** Starts them all at once; if one of them fails, none is left running. */
async function startTogether(settings: Settings): Promise<GatewayProcess[]> {
  const starts = await Promise.allSettled(Array.from({ length: GATEWAYS }, () => spawnGateway(settings)));
  const gateways = starts.flatMap((start) => (start.status === "fulfilled" ? [start.value] : []));
  const failure = starts.find((start) => start.status === "rejected");
  if (!failure) return gateways;
  await stopAll(gateways);
  throw failure.reason;
}

const stopAll = (gateways: GatewayProcess[]) => Promise.all(gateways.map((gateway) => gateway.stop()));

async function expectOneSchemaAndOneKey(query: Query): Promise<void> {
  const migrations = await query("SELECT name, COUNT(*) AS n FROM migration GROUP BY name");
  expect(migrations.length).toBeGreaterThan(0);
  expect(migrations.map(({ n }) => Number(n))).toEqual(migrations.map(() => 1));
  expect(await query("SELECT kid FROM signing_key")).toHaveLength(1);
  expect(await query("SELECT name FROM lease")).toEqual([]);
}

/** Every gateway issues a token and every one accepts all of them. */
async function expectMutualTrust(gateways: GatewayProcess[]): Promise<void> {
  const [first] = gateways;
  const { username: userid } = await registerUser(first!.graphql);
  const logins = gateways.map(({ graphql }) => loginUser(graphql, { userid, password: PASSWORD }));
  const users = await Promise.all(logins);
  const statuses = await Promise.all(
    gateways.flatMap(({ graphql }) => users.map(({ token }) => tokenStatusOf(graphql, bearer(token)))),
  );
  expect(statuses.filter((status) => status !== "ok")).toEqual([]);
}

describe("ten first starts at once in one folder, with nothing configured", () => {
  const folder = temporaryFolder();
  const data = join(folder.path, "data");
  let gateways: GatewayProcess[] = [];

  beforeAll(async () => {
    gateways = await startTogether({ cwd: folder.path, LATCHKEY_SECRET: undefined });
  });

  afterAll(async () => {
    await stopAll(gateways);
    folder.remove();
  });

  it("make one schema, one signing key and one secret, and accept each other's tokens", async () => {
    const handle = new BetterSqlite3(join(data, "latchkey.sqlite"), { readonly: true });
    await expectOneSchemaAndOneKey(async (sql) => handle.prepare(sql).all() as Record<string, unknown>[]);
    handle.close();
    await expectMutualTrust(gateways);
  });

  it("make nothing by the first query that they show, and say who issues their tokens", async () => {
    const { errors } = gateways[0]!.output;
    expect(errors).toContain("http://localhost:4000\n");
    const query = /^ +(curl .*)$/m.exec(errors)?.[1];
    const { stdout } = await promisify(execFile)("sh", ["-c", query!]);
    expect(JSON.parse(stdout)).toEqual({ data: { me: null } });
  });

  it("announce the secret once, and leave it to its owner alone", () => {
    const secret = join(data, "latchkey.secret");
    const announcements = gateways.filter(({ output }) => output.errors.includes(secret));
    expect(announcements).toHaveLength(1);
    expect(statSync(secret).mode & 0o777).toBe(0o600);
    expect(readFileSync(secret, "utf8").trim().length).toBeGreaterThanOrEqual(32);
    expect(readdirSync(data).filter((name) => name.includes("secret"))).toEqual(["latchkey.secret"]);
  });
});

onEachDatabase(
  "ten first starts at once",
  (create) => {
    it("make one schema and one signing key, and accept each other's tokens", async () => {
      const database = await create();
      const gateways = await startTogether({ DATABASE_URL: database.url });
      await expectOneSchemaAndOneKey(database.query);
      await expectMutualTrust(gateways);
      expect(await stopAll(gateways)).toEqual(gateways.map(() => 0));
      await database.drop();
    });
  },
  ["mariadb"],
);

onEachDatabase(
  "a first start that is killed",
  (create) => {
    let database: TestDatabase;

    beforeAll(async () => {
      database = await create();
    });

    afterAll(async () => {
      await database.drop();
    });

    const expectNextStartToComplete = async () => {
      const next = await runCli(["migrate"], { DATABASE_URL: database.url });
      expect(next).toMatchObject({ code: 0 });
      await expectOneSchemaAndOneKey(database.query);
    };

    it("wherever it was, is completed by the next", async () => {
      for (const delay of [500, 900]) {
        const { child, exited } = spawnCli(["serve"], { DATABASE_URL: database.url });
        await sleep(delay);
        child.kill("SIGKILL");
        await exited;
      }
      await expectNextStartToComplete();
    });

    it("between two tables, with the lease in its hand, is completed once the lease has run out", async () => {
      await database.query("DROP TABLE user_token");
      await database.query("DROP TABLE signing_key");
      await database.query("DELETE FROM migration");
      const dead = [`dead`, Date.now() + 2_000];
      await database.query("INSERT INTO lease (name, holder, expirationTime) VALUES ('migrate', ?, ?)", dead);
      await expectNextStartToComplete();
      expect(Date.now()).toBeGreaterThanOrEqual(Number(dead[1]));
    });
  },
  ["sqlite", "mariadb"],
);
