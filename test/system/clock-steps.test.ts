import { setTimeout as sleep } from "node:timers/promises";
import { LOGOUT, PASSWORD, bearer, loginUser, registerUser, send, tokenStatusOf } from "../support/client.js";
import { onEachDatabase, type TestDatabase } from "../support/databases.js";
import { createWallClock, hasFaketime, type WallClock } from "../support/faketime.js";
import { until } from "../support/until.js";
import { runCli, spawnGateway, type GatewayProcess } from "../support/gateway.js";

const HOUR = 3_600;

/** What the log says of steps, in whole minutes. */
function stepsIn({ output }: GatewayProcess): number[] {
  const lines = output.log.split("\n").filter((line) => line.includes('"stepMs":'));
  return lines.map((line) => Math.round((JSON.parse(line) as { stepMs: number }).stepMs / 60_000));
}

async function untilStepped(gateway: GatewayProcess, count: number): Promise<void> {
  while (stepsIn(gateway).length < count) await sleep(50);
}

function describeSteps(create: () => Promise<TestDatabase>): void {
  let database: TestDatabase;
  let clock: WallClock;
  /** Its clock is set under it. */
  let stepped: GatewayProcess;
  /** Its clock is right. */
  let right: GatewayProcess;

  beforeEach(async () => {
    database = await create();
    clock = createWallClock();
    const settings = { DATABASE_URL: database.url, ...clock.settings };
    [stepped, right] = await Promise.all([
      spawnGateway(settings),
      spawnGateway({ DATABASE_URL: database.url }),
    ]);
  });

  afterEach(async () => {
    await Promise.all([stepped.stop(), right.stop()]);
    clock.remove();
    await database.drop();
  });

  const at = ({ graphql }: GatewayProcess, token: string) => tokenStatusOf(graphql, bearer(token));

  it("a clock that is set back locks nobody out, and the log says by how much it was", async () => {
    const before = await registerUser(right.graphql);
    clock.set(-HOUR);
    await untilStepped(stepped, 1);
    expect(stepsIn(stepped)).toEqual([-60]);
    // The other node goes on by the right time: what it issues lies in the future here.
    const after = await registerUser(right.graphql);
    for (const { token, privilege } of [before, after]) {
      expect(await at(stepped, token)).toBe("ok");
      expect(await at(stepped, privilege)).toBe("ok");
    }
    const own = await registerUser(stepped.graphql);
    for (const gateway of [stepped, right]) expect(await at(gateway, own.token)).toBe("ok");
    // What was ended is refused, whenever it was issued.
    await send(right.graphql, LOGOUT, {}, bearer(after.token));
    expect(await at(stepped, after.token)).toBe("TOKEN_REVOKED");
    expect(await at(stepped, `${before.token.slice(0, -8)}AAAAAAAA`)).toBe("INVALID_CREDENTIAL");
  });

  it("an account that was ended before the clock was set back can sign in after it", async () => {
    const { username } = await registerUser(stepped.graphql);
    const settings = { DATABASE_URL: database.url };
    for (const verb of ["disable", "enable"])
      expect(await runCli(["users", verb, username], settings)).toMatchObject({ code: 0 });
    clock.set(-HOUR);
    await untilStepped(stepped, 1);
    const { token, privilege } = await loginUser(stepped.graphql, { userid: username, password: PASSWORD });
    for (const gateway of [stepped, right]) {
      expect(await at(gateway, token)).toBe("ok");
    }
    // It ends five minutes after it was issued, which the right clock says is long ago.
    expect(await at(stepped, privilege)).toBe("ok");
  });

  it("a clock that is set forward and back again is logged both times, and locks nobody out", async () => {
    clock.set(HOUR);
    await untilStepped(stepped, 1);
    const ahead = await registerUser(stepped.graphql);
    expect(await at(stepped, ahead.token)).toBe("ok");
    // A node whose clock was never there refuses what lies so far ahead, and says so.
    expect(await at(right, ahead.token)).toBe("INVALID_CREDENTIAL");
    await until(() => right.output.log.includes('"aheadMs":'));
    clock.set(0);
    await untilStepped(stepped, 2);
    expect(stepsIn(stepped)).toEqual([60, -60]);
    expect(await at(stepped, ahead.token)).toBe("ok");
    expect(stepsIn(right)).toEqual([]);
  });
}

if (hasFaketime) onEachDatabase("a node whose clock is set", describeSteps, ["sqlite", "mariadb"]);
else it.skip("a node whose clock is set: there is no libfaketime", () => undefined);
