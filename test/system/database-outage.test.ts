import { setTimeout as sleep } from "node:timers/promises";
import {
  bearer,
  loginUser,
  PASSWORD,
  registerUser,
  send,
  tokenStatusOf,
  uniqueName,
  LOGOUT,
  type GraphqlAnswer,
  type SignedIn,
} from "../support/client.js";
import { onEachDatabase, type TestDatabase } from "../support/databases.js";
import { spawnGateway, type GatewayProcess } from "../support/gateway.js";
import { startProxy, type Proxy } from "../support/proxy.js";

const LOGIN = "mutation ($input: LoginInput) { login(input: $input) { token } }";
const REGISTER = "mutation ($input: RegisterInput!) { register(input: $input) { token } }";

/** Three seconds are promised; the rest is for a machine that has other things to do. */
const PROMPT_MS = 4_500;
/** Many passwords at once also wait to be hashed. */
const FLOOD_MS = 10_000;

onEachDatabase(
  "a database that goes away",
  (create) => {
    let database: TestDatabase;
    let proxy: Proxy;
    let gateway: GatewayProcess;
    let user: SignedIn;

    beforeAll(async () => {
      database = await create();
      proxy = await startProxy(database.url);
      gateway = await spawnGateway({ DATABASE_URL: proxy.through(database.url), PASSWORD_QUEUE: "1000" });
      user = await registerUser(gateway.graphql);
    });

    afterAll(async () => {
      gateway.process.kill("SIGKILL");
      await gateway.exited;
      await proxy.kill();
      await database.drop();
    });

    /** One request of each kind, over and over; each is answered before the time is up. */
    async function sendMany(count: number, withinMs = PROMPT_MS): Promise<GraphqlAnswer[]> {
      const { graphql } = gateway;
      const login = { userid: user.username, password: PASSWORD };
      const kinds = [
        () => send(graphql, "{ me { id username } }", {}, bearer(user.token)),
        () => send(graphql, LOGIN, { input: login }),
        () => send(graphql, REGISTER, { input: { username: uniqueName(), password: PASSWORD } }),
        () => send(graphql, LOGOUT, {}, bearer(user.token)),
      ];
      const began = performance.now();
      const answers = await Promise.all(
        Array.from({ length: count }, (_, at) => kinds[at % kinds.length]!()),
      );
      expect(performance.now() - began).toBeLessThan(withinMs);
      return answers;
    }

    function expectUnavailable(answers: GraphqlAnswer[]): void {
      for (const { status, code, headers, data } of answers) {
        expect({ status, code, data: data ?? null }).toEqual({
          status: 503,
          code: "SERVICE_UNAVAILABLE",
          data: null,
        });
        expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
      }
    }

    const statusOf = async (path: string) => (await fetch(`${gateway.url}${path}`)).status;

    async function untilRecovered(): Promise<void> {
      for (;;) {
        const status = await tokenStatusOf(gateway.graphql, bearer(user.token));
        if (status === "ok") break;
        expect(status).toBe("SERVICE_UNAVAILABLE");
      }
      await loginUser(gateway.graphql, { userid: user.username, password: PASSWORD });
      expect(await statusOf("/readyz")).toBe(200);
      expect(gateway.process.exitCode).toBeNull();
    }

    it("frozen: every request is answered in time, with 503 and never with an identity", async () => {
      proxy.freeze();
      expectUnavailable(await sendMany(20));
      expect(await Promise.all(["/healthz", "/readyz"].map(statusOf))).toEqual([200, 503]);
      // More than all connections and the queue for them.
      expectUnavailable(await sendMany(300, FLOOD_MS));
      proxy.thaw();
      await untilRecovered();
    });

    it("killed: every request is answered in time, with 503 and never with an identity", async () => {
      await proxy.kill();
      expectUnavailable(await sendMany(40));
      expect(await Promise.all(["/healthz", "/readyz"].map(statusOf))).toEqual([200, 503]);
      await proxy.revive();
      await untilRecovered();
    });

    it("killed under load: nobody is left without an answer, and none is a defect", async () => {
      const load = sendMany(80, FLOOD_MS);
      await proxy.kill();
      const codes = new Set((await load).map(({ code }) => code));
      for (const code of codes) expect([undefined, "SERVICE_UNAVAILABLE", "UNAUTHENTICATED"]).toContain(code);
      expect(gateway.output.log).not.toContain('"level":"error"');
      await proxy.revive();
      user = await registerUser(gateway.graphql);
      await untilRecovered();
    });

    it("a gateway that stood still itself does not take it for the database: what was answered counts", async () => {
      proxy.freeze();
      const asked = [1, 2, 3].map(() => tokenStatusOf(gateway.graphql, bearer(user.token)));
      // Until the question has been sent.
      await sleep(200);
      gateway.process.kill("SIGSTOP");
      proxy.thaw();
      // Longer than any deadline.
      await sleep(3_000);
      gateway.process.kill("SIGCONT");
      expect(await Promise.all(asked)).toEqual(["ok", "ok", "ok"]);
    });

    it("what was revoked meanwhile is refused from the first answer on", async () => {
      proxy.freeze();
      await database.query("UPDATE user_token SET revocationTime = 1 WHERE `key` = ?", [user.key]);
      const asked = tokenStatusOf(gateway.graphql, bearer(user.token));
      proxy.thaw();
      expect(["TOKEN_REVOKED", "SERVICE_UNAVAILABLE"]).toContain(await asked);
      let status = "";
      while (status !== "TOKEN_REVOKED") {
        status = await tokenStatusOf(gateway.graphql, bearer(user.token));
        expect(["TOKEN_REVOKED", "SERVICE_UNAVAILABLE"]).toContain(status);
      }
    });

    it("frozen at the end: SIGTERM still ends the process by itself", async () => {
      proxy.freeze();
      expect(await gateway.stop()).toBe(0);
      expect(gateway.output.log).toContain("stopped");
    });
  },
  ["mariadb"],
);
