import { readdirSync, readFileSync } from "node:fs";
import { loginUser, PASSWORD, registerUser } from "../support/client.js";
import { spawnGateway, temporaryFolder, type GatewayProcess } from "../support/gateway.js";
import { until } from "../support/until.js";

const MOST = 4;

/** Threads of the process that give way to others: those that hash, and the one that judges new passwords. */
function countNicedThreads(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  // proc(5): behind the name in brackets the niceness is the 17th field.
  const niceness = (id: string) =>
    readFileSync(`${tasks}/${id}/stat`, "utf8").split(") ").at(-1)!.split(" ")[16];
  return readdirSync(tasks).filter((id) => niceness(id) === "5").length;
}

(process.platform === "linux" ? describe : describe.skip)("threads that hash passwords", () => {
  const folder = temporaryFolder();
  let gateway: GatewayProcess;

  beforeAll(async () => {
    gateway = await spawnGateway({
      DATABASE_URL: `sqlite:${folder.path}/latchkey.sqlite`,
      PASSWORD_WORKERS: String(MOST),
    });
  });

  afterAll(async () => {
    await gateway.stop();
    folder.remove();
  });

  it("start when they are needed, as many as are allowed and no more", async () => {
    expect(countNicedThreads(gateway.process.pid!)).toBe(1);
    const { username: userid } = await registerUser(gateway.graphql);
    const login = () => loginUser(gateway.graphql, { userid, password: PASSWORD });
    let most = 0;
    await until(async () => {
      // On a busy machine some of them may be asked to come back later.
      await Promise.allSettled(Array.from({ length: MOST * 2 }, login));
      most = Math.max(most, countNicedThreads(gateway.process.pid!));
      // The registration has started one more, which judges new passwords.
      return most > 2;
    }, "a second hashing thread");
    expect(most).toBeLessThanOrEqual(MOST + 1);
  });

  it("are told of at the start: how many there may be", () => {
    const lines = gateway.output.log.trim().split("\n");
    const started = lines.map((line) => JSON.parse(line) as { hashThreads?: number });
    expect(started.filter(({ hashThreads }) => hashThreads === MOST)).toHaveLength(1);
  });
});
