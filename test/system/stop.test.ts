import { Agent, request, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import { bearer, PASSWORD, registerUser, send, LOGOUT, type SignedIn } from "../support/client.js";
import { onEachDatabase } from "../support/databases.js";
import { spawnCli, spawnGateway, temporaryFolder, type GatewayProcess } from "../support/gateway.js";
import { until } from "../support/until.js";

const LOGIN = "mutation ($input: LoginInput) { login(input: $input) { token } }";

/** Far less than idle connections are kept. */
const IDLE_MS = 3_500;

onEachDatabase(
  "SIGTERM under load",
  (create) => {
    it("answers every request under way, writes the last uses, and ends with 0", async () => {
      const database = await create();
      const gateway = await spawnGateway({ DATABASE_URL: database.url });
      const { graphql } = gateway;
      const user = await registerUser(graphql);
      const input = { userid: user.username, password: PASSWORD };
      // Few enough for one hashing thread on a busy machine: none has to wait too long for it.
      const logins = Array.from({ length: 8 }, () => send(graphql, LOGIN, { input }));
      const reads = Array.from({ length: 25 }, () => send(graphql, "{ me { id } }", {}, bearer(user.token)));
      // Sent together: when the first login is answered, all have arrived, and most logins wait to be hashed.
      await Promise.race(logins);
      gateway.process.kill("SIGTERM");
      const answers = await Promise.all([...logins, ...reads]);
      expect(answers.map(({ status, code }) => code ?? status)).toEqual(answers.map(() => 200));
      expect(await gateway.exited).toBe(0);
      await expect(fetch(`${gateway.url}/readyz`)).rejects.toThrow();
      const [row] = await database.query("SELECT lastUsageTime FROM user_token WHERE `key` = ?", [user.key]);
      expect(Number(row?.lastUsageTime)).toBeGreaterThan(0);
      await database.drop();
    });
  },
  ["sqlite", "mariadb"],
);

describe("SIGTERM, with an SQLite file that another process holds locked", () => {
  const folder = temporaryFolder();
  const settings = { DATABASE_URL: `sqlite:${join(folder.path, "latchkey.sqlite")}` };
  let gateway: GatewayProcess;
  let user: SignedIn;
  let lock: BetterSqlite3.Database;

  beforeEach(async () => {
    gateway = await spawnGateway(settings);
    user = await registerUser(gateway.graphql);
    lock = new BetterSqlite3(join(folder.path, "latchkey.sqlite"), { timeout: 5_000 });
    lock.exec("BEGIN IMMEDIATE");
  });

  afterEach(async () => {
    if (lock.open) lock.close();
    gateway.process.kill("SIGKILL");
    await gateway.exited;
  });

  afterAll(() => {
    folder.remove();
  });

  /** A logout that has arrived and waits for the lock. */
  async function pendingLogout() {
    const logout = send(gateway.graphql, LOGOUT, {}, bearer(user.token));
    logout.catch(() => undefined);
    await sleep(50);
    await send(gateway.graphql, "{ me { id } }", {}, bearer(user.token));
    return { logout };
  }

  it("waits for a write under way, and acknowledges it", async () => {
    const { logout } = await pendingLogout();
    gateway.process.kill("SIGTERM");
    await until(() => gateway.output.log.includes("draining"));
    lock.exec("COMMIT");
    const { data, headers } = await logout;
    expect(data.logout.success).toBe(true);
    // Kept alive, the connection would be waited for.
    expect(headers.get("connection")).toBe("close");
    expect(await gateway.exited).toBe(0);
  });

  it("given twice, ends the process at once", async () => {
    const { logout } = await pendingLogout();
    gateway.process.kill("SIGTERM");
    await until(() => gateway.output.log.includes("draining"));
    gateway.process.kill("SIGTERM");
    expect(await gateway.exited).toBe(1);
    // It did not wait for the lock, which is still held.
    expect(lock.inTransaction).toBe(true);
    await expect(logout).rejects.toThrow();
  });

  it("during a start, ends that start", async () => {
    // It cannot take the lease while the lock is held.
    const { child, exited, output } = spawnCli(["serve"], settings);
    await until(() => output.log.includes("starting"));
    child.kill("SIGTERM");
    expect(await exited).toBe(0);
    expect(output.log).toContain("draining");
    expect(output.errors).not.toContain("ready");
  });
});

describe("a stop while nothing happens", () => {
  const folder = temporaryFolder();

  afterAll(() => {
    folder.remove();
  });

  it.each(["SIGTERM", "SIGINT"] as const)(
    "%s does not wait for idle connections to time out",
    async (signal) => {
      const gateway = await spawnGateway({ DATABASE_URL: `sqlite:${join(folder.path, "idle.sqlite")}` });
      const agent = new Agent({ keepAlive: true });
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        request(`${gateway.url}/readyz`, { agent }, resolve).on("error", reject).end();
      });
      await answer.resume().toArray();
      expect(answer.statusCode).toBe(200);
      const began = performance.now();
      gateway.process.kill(signal);
      expect(await gateway.exited).toBe(0);
      expect(performance.now() - began).toBeLessThan(IDLE_MS);
      agent.destroy();
    },
  );
});
