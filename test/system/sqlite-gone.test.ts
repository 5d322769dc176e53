import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import {
  bearer,
  PASSWORD,
  registerUser,
  send,
  tokenStatusOf,
  uniqueName,
  type SignedIn,
} from "../support/client.js";
import { spawnGateway, temporaryFolder, type GatewayProcess } from "../support/gateway.js";
import { until } from "../support/until.js";

const REGISTER = "mutation ($input: RegisterInput!) { register(input: $input) { token } }";

interface Line {
  level: string;
  fault?: string;
  msg: string;
}

const linesOf = ({ output }: GatewayProcess) =>
  output.log
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

(process.platform === "win32" ? describe.skip : describe)("the database file of a running gateway", () => {
  const home = temporaryFolder();
  let count = 0;
  let path: string;
  let gateway: GatewayProcess;
  let user: SignedIn;

  beforeEach(async () => {
    path = join(home.path, String(count++), "latchkey.sqlite");
    gateway = await spawnGateway({ DATABASE_URL: `sqlite:${path}` });
    user = await registerUser(gateway.graphql);
  });

  afterEach(() => gateway.stop());

  afterAll(() => {
    home.remove();
  });

  const readiness = async () => (await fetch(`${gateway.url}/readyz`)).status;
  const faults = () => linesOf(gateway).flatMap(({ level, fault }) => (level === "error" && fault) || []);

  /** Nothing is acknowledged that would be lost, and nobody is let in. */
  async function expectRefusals(fault: RegExp): Promise<void> {
    expect(await readiness()).toBe(503);
    const input = { username: uniqueName("gone"), password: PASSWORD };
    const answer = await send(gateway.graphql, REGISTER, { input });
    expect([answer.status, answer.code]).toEqual([503, "SERVICE_UNAVAILABLE"]);
    const me = await send(gateway.graphql, "{ me { id } }", {}, bearer(user.token));
    expect([me.status, me.code]).toEqual([503, "SERVICE_UNAVAILABLE"]);
    const verify = await fetch(`${gateway.url}/verify`, { headers: bearer(user.token) });
    expect(verify.status).toBe(503);
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    await until(() => faults().length > 0, "a line of the log");
    expect(faults()).toHaveLength(1);
    expect(faults()[0]).toMatch(fault);
  }

  it("is missed when it is deleted, in the log and by every request that needs it", async () => {
    expect(await readiness()).toBe(200);
    rmSync(path);
    await expectRefusals(/latchkey\.sqlite was deleted$/);
  });

  it("is missed when it is deleted with its folder", async () => {
    rmSync(dirname(path), { recursive: true });
    await expectRefusals(/latchkey\.sqlite was deleted$/);
  });

  it("is missed when its write-ahead log is deleted, which holds what was written last", async () => {
    rmSync(`${path}-wal`);
    await expectRefusals(/latchkey\.sqlite-wal was deleted$/);
  });

  it("is missed when another one takes its place", async () => {
    copyFileSync(path, `${path}.copy`);
    renameSync(`${path}.copy`, path);
    await expectRefusals(/latchkey\.sqlite was replaced by another file$/);
  });

  it("is missed when it is cut off", async () => {
    truncateSync(path, 0);
    await expectRefusals(/latchkey\.sqlite was cut off$/);
  });

  it("is missed when its end is cut off, although much of it is still in memory", async () => {
    const other = new BetterSqlite3(path);
    other.pragma("wal_checkpoint(TRUNCATE)");
    other.close();
    expect(await readiness()).toBe(200);
    truncateSync(path, 8_192);
    expect(await readiness()).toBe(503);
    await until(() => faults().length > 0, "a line of the log");
    expect(faults()).toEqual([`${path} was cut off`]);
  });

  it("is served again once it is back, moved away by mistake", async () => {
    const aside = join(home.path, "aside");
    mkdirSync(aside);
    for (const suffix of ["", "-wal", "-shm"]) renameSync(path + suffix, join(aside, `x${suffix}`));
    await expectRefusals(/was deleted$/);
    for (const suffix of ["-wal", "-shm", ""]) renameSync(join(aside, `x${suffix}`), path + suffix);
    expect(await readiness()).toBe(200);
    expect(await tokenStatusOf(gateway.graphql, bearer(user.token))).toBe("ok");
    await until(() => linesOf(gateway).some(({ msg }) => msg === "the database file is back"), "a line");
  });

  it("is not made anew by the gateway that misses it, not even when it stops", async () => {
    rmSync(path);
    await expectRefusals(/was deleted$/);
    expect(await gateway.stop()).toBe(0);
    expect(existsSync(path)).toBe(false);
  });
});
