import { setTimeout as sleep } from "node:timers/promises";
import {
  bearer,
  loginUser,
  PASSWORD,
  registerUser,
  send,
  tokenStatusOf,
  uniqueName,
} from "../support/client.js";
import { onEachDatabase, type TestDatabase } from "../support/databases.js";
import { spawnGateway, type GatewayProcess } from "../support/gateway.js";

const CLIENTS = 6;

onEachDatabase("a restart", (create) => {
  let database: TestDatabase;
  let gateway: GatewayProcess;

  beforeAll(async () => {
    database = await create();
    gateway = await spawnGateway({ DATABASE_URL: database.url });
  });

  afterAll(async () => {
    await gateway.stop();
    await database.drop();
  });

  const jwks = async () => (await fetch(`${gateway.url}/.well-known/jwks.json`)).text();

  it("keeps accounts, tokens, revocations, roles and keys", async () => {
    const ann = await registerUser(gateway.graphql);
    const out = await loginUser(gateway.graphql, { userid: ann.username, password: PASSWORD });
    await send(gateway.graphql, "mutation { logout(input: {}) { success } }", {}, bearer(out.token));
    const made = await send(
      gateway.graphql,
      `mutation { createUserToken(input: { note: "robot" }) { token } }`,
      {},
      bearer(ann.token),
    );
    await database.query("UPDATE `user` SET role = 'admin' WHERE id = ?", [ann.id]);
    const keys = await jwks();

    expect(await gateway.stop()).toBe(0);
    gateway = await spawnGateway({ DATABASE_URL: database.url });

    expect(await jwks()).toBe(keys);
    const me = await send(gateway.graphql, "{ me { id role } }", {}, bearer(ann.token));
    expect(me.data.me).toEqual({ id: ann.id, role: "ADMIN" });
    expect(await tokenStatusOf(gateway.graphql, bearer(made.data.createUserToken.token))).toBe("ok");
    expect(await tokenStatusOf(gateway.graphql, bearer(out.token))).toBe("TOKEN_REVOKED");
    const again = await loginUser(gateway.graphql, { userid: ann.username, password: PASSWORD });
    expect(again.id).toBe(ann.id);
  });
});

onEachDatabase(
  "a kill -9",
  (create) => {
    let database: TestDatabase;
    let gateway: GatewayProcess;

    beforeAll(async () => {
      database = await create();
      gateway = await spawnGateway({ DATABASE_URL: database.url });
    });

    afterAll(async () => {
      await gateway.stop();
      await database.drop();
    });

    it("under load leaves whatever was acknowledged", async () => {
      const acked = { usernames: [] as string[], live: [] as string[], ended: [] as string[] };
      const { graphql } = gateway;
      let killed = false;
      const client = async () => {
        while (!killed) {
          const username = uniqueName("load");
          const { token } = await registerUser(graphql, { username });
          acked.usernames.push(username);
          const login = await loginUser(graphql, { userid: username, password: PASSWORD });
          acked.live.push(token);
          const out = await send(
            graphql,
            "mutation { logout(input: {}) { success } }",
            {},
            bearer(login.token),
          );
          if (out.data?.logout.success) acked.ended.push(login.token);
        }
      };
      // The requests that the kill interrupts fail, and may have been done or not.
      const clients = Array.from({ length: CLIENTS }, () => client().catch(() => undefined));
      while (acked.ended.length < 2 * CLIENTS) await sleep(10);
      killed = gateway.process.kill("SIGKILL");
      expect(await gateway.exited).toBe("SIGKILL");
      await Promise.all(clients);

      gateway = await spawnGateway({ DATABASE_URL: database.url });
      const statuses = (tokens: string[]) =>
        Promise.all(tokens.map((token) => tokenStatusOf(gateway.graphql, bearer(token))));
      expect(new Set(await statuses(acked.live))).toEqual(new Set(["ok"]));
      expect(new Set(await statuses(acked.ended))).toEqual(new Set(["TOKEN_REVOKED"]));
      for (const userid of acked.usernames) await loginUser(gateway.graphql, { userid, password: PASSWORD });
      const half = `SELECT COUNT(*) AS n FROM \`user\` u LEFT JOIN user_identifier i ON i.userId = u.id
      LEFT JOIN user_token t ON t.userId = u.id WHERE i.value IS NULL OR t.userId IS NULL`;
      expect(Number((await database.query(half))[0]?.n)).toBe(0);
      if (database.kind !== "sqlite") return;
      expect(await database.query("PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
    });
  },
  ["sqlite", "mariadb"],
);
