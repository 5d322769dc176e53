import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import BetterSqlite3 from "better-sqlite3";
import {
  bearer,
  loginUser,
  PASSWORD,
  registerUser,
  send,
  tokenStatusOf,
  uniqueName,
  LOGOUT,
  type SignedIn,
} from "../support/client.js";
import { spawnGateway, temporaryFolder, type GatewayProcess } from "../support/gateway.js";

const REGISTER = "mutation ($input: RegisterInput!) { register(input: $input) { token } }";

const modeOf = (path: string) => statSync(path).mode & 0o777;

describe("the embedded database", () => {
  const folder = temporaryFolder();
  const path = join(folder.path, "made", "here", "latchkey.sqlite");
  let gateway: GatewayProcess;

  beforeAll(async () => {
    gateway = await spawnGateway({ DATABASE_URL: `sqlite:${path}` });
  });

  afterAll(async () => {
    await gateway.stop();
    folder.remove();
  });

  it("is readable by its owner alone, with its folder and the files beside it", async () => {
    await registerUser(gateway.graphql);
    expect(modeOf(join(folder.path, "made"))).toBe(0o700);
    expect(modeOf(join(folder.path, "made", "here"))).toBe(0o700);
    for (const suffix of ["", "-wal", "-shm"]) expect(modeOf(path + suffix)).toBe(0o600);
  });

  it("without a table, it is not ready, and says so; a request that needs the table is 503", async () => {
    const statuses = async () => {
      const ready = await fetch(`${gateway.url}/readyz`);
      const basic = { authorization: `Basic ${Buffer.from("nobody:nobody").toString("base64")}` };
      const login = await fetch(`${gateway.url}/auth/login`, { method: "POST", headers: basic });
      return [ready.status, login.status];
    };
    const other = new BetterSqlite3(path);
    other.exec("ALTER TABLE user_identifier RENAME TO away");
    const meanwhile = await statuses();
    other.exec("ALTER TABLE away RENAME TO user_identifier");
    other.close();
    expect(meanwhile).toEqual([503, 503]);
    expect(await statuses()).toEqual([200, 401]);
  });

  it("while another process writes, lets writes wait and reads go on", async () => {
    const user = await registerUser(gateway.graphql);
    const writer = new BetterSqlite3(path);
    writer.exec("BEGIN IMMEDIATE");
    let locked = true;
    const login = loginUser(gateway.graphql, { userid: user.username, password: PASSWORD }).then(
      (signedIn) => {
        expect(locked).toBe(false);
        return signedIn;
      },
    );
    const until = performance.now() + 1_000;
    let reads = 0;
    for (; performance.now() < until; reads++) {
      expect(await tokenStatusOf(gateway.graphql, bearer(user.token))).toBe("ok");
      await sleep(10);
    }
    // A process that stands still for a second answers once or twice.
    expect(reads).toBeGreaterThan(5);
    locked = false;
    writer.exec("COMMIT");
    writer.close();
    expect(await tokenStatusOf(gateway.graphql, bearer((await login).token))).toBe("ok");
  });

  it("made readable for others, is closed to them again by the next start", async () => {
    chmodSync(path, 0o644);
    await gateway.stop();
    gateway = await spawnGateway({ DATABASE_URL: `sqlite:${path}` });
    expect(modeOf(path)).toBe(0o600);
  });
});

/** Mounting needs root. Where the tests must be complete its absence is a failure, elsewhere it is said. */
const canMount = process.getuid?.() === 0 && process.platform === "linux";
if (!canMount) {
  if (process.env.TEST_REQUIRE) throw new Error("TEST_REQUIRE is set: the full disk needs root on Linux");
  process.stderr.write("tests of a full disk are skipped: they mount one, which needs root on Linux\n");
}

(canMount ? describe : describe.skip)("a full disk", () => {
  const folder = temporaryFolder();
  const disk = join(folder.path, "disk");
  const path = join(disk, "latchkey.sqlite");
  const ballast = join(disk, "ballast");
  let gateway: GatewayProcess;

  beforeAll(async () => {
    mkdirSync(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs", disk]);
    gateway = await spawnGateway({ DATABASE_URL: `sqlite:${path}` });
  });

  afterAll(async () => {
    await gateway.stop();
    execFileSync("umount", [disk]);
    folder.remove();
  });

  /** Down to the last page. */
  function fill(): void {
    for (const size of [1 << 20, 1 << 16, 1 << 12]) {
      try {
        for (;;) writeFileSync(ballast, Buffer.alloc(size), { flag: "a" });
      } catch (error) {
        expect((error as NodeJS.ErrnoException).code).toBe("ENOSPC");
      }
    }
  }

  const stored = (key: string) => {
    const handle = new BetterSqlite3(path, { readonly: true });
    const row = handle.prepare("SELECT revocationTime FROM user_token WHERE key = ?").get(key);
    handle.close();
    return row as { revocationTime: number | null };
  };

  it("refuses writes with 503, goes on reading, and acknowledges no logout that it could not keep", async () => {
    const users: SignedIn[] = [];
    for (let count = 0; count < 8; count++) users.push(await registerUser(gateway.graphql));
    fill();
    let refused = 0;
    // What the log of the database still has room for is written; then it is over.
    for (let tries = 0; refused < 5 && tries < 500; tries++) {
      const input = { username: uniqueName("full"), password: PASSWORD };
      const answer = await send(gateway.graphql, REGISTER, { input });
      if (answer.code === undefined) continue;
      expect([answer.status, answer.code]).toEqual([503, "SERVICE_UNAVAILABLE"]);
      expect(answer.headers.get("retry-after")).not.toBeNull();
      refused += 1;
    }
    expect(refused).toBe(5);
    for (const { token } of users) expect(await tokenStatusOf(gateway.graphql, bearer(token))).toBe("ok");

    const outcomes = await Promise.all(
      users.slice(1).map(async ({ token, key }) => {
        const { data, code } = await send(gateway.graphql, LOGOUT, {}, bearer(token));
        return { key, token, done: data?.logout?.success === true, code };
      }),
    );
    for (const { key, token, done, code } of outcomes) {
      expect(done ? undefined : "SERVICE_UNAVAILABLE").toBe(code);
      expect(stored(key).revocationTime === null).toBe(!done);
      expect(await tokenStatusOf(gateway.graphql, bearer(token))).toBe(done ? "TOKEN_REVOKED" : "ok");
    }
    expect(outcomes.some(({ done }) => !done)).toBe(true);

    rmSync(ballast);
    await registerUser(gateway.graphql);
    for (const { token, done } of outcomes.filter((outcome) => !outcome.done)) {
      expect(done).toBe(false);
      expect((await send(gateway.graphql, LOGOUT, {}, bearer(token))).data.logout.success).toBe(true);
    }
    expect(gateway.process.exitCode).toBeNull();
    const handle = new BetterSqlite3(path);
    expect(handle.pragma("integrity_check")).toEqual([{ integrity_check: "ok" }]);
    handle.close();
  });
});
