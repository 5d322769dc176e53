import { makeClient, type ServiceClient } from "../support/service-client.js";
import { setTimeout as sleep } from "node:timers/promises";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import {
  bearer,
  loginUser,
  PASSWORD,
  registerUser,
  tokenStatusOf,
  type SignedIn,
} from "../support/client.js";
import { onEachDatabase, type TestDatabase } from "../support/databases.js";
import { spawnGateway, type GatewayProcess } from "../support/gateway.js";
import { activateAt, fetchKeySet, keysCli, kidOf, listKeys, untilSigned } from "../support/keys.js";
import { startLoad, type Judge, type Load } from "../support/paced-load.js";
import { startService, type Service } from "../support/service.js";
import { callWitness, type LoadMonitor } from "../support/load-monitor.js";

/** After so long, every node knows what was done to a key. */
const PROMISE_MS = 1_000;
/** Each logs in again and again. */
const ACCOUNTS = 8;
const DAY = 86_400_000;

onEachDatabase(
  "a rotation under 200 requests a second",
  (create) => {
    let database: TestDatabase;
    let gateways: GatewayProcess[];
    let client: ServiceClient;
    let monitor: LoadMonitor;
    let load: Load;
    let services: Service[];

    beforeAll(async () => {
      database = await create();
      // One after the other: they must not look at the keys in step.
      gateways = [await spawnGateway({ DATABASE_URL: database.url })];
      gateways.push(await spawnGateway({ DATABASE_URL: database.url }));
      client = await makeClient({ DATABASE_URL: database.url });
      monitor = await callWitness(database, gateways);
    });

    afterAll(async () => {
      await monitor.stop();
      await Promise.all(gateways.map((gateway) => gateway.stop()));
      await database.drop();
    });

    afterEach(async () => {
      await load.stop();
      await Promise.all(services.map((service) => service.stop()));
    });

    /** One after the other: of many at once a busy machine refuses some. */
    async function registerAll(): Promise<SignedIn[]> {
      const users: SignedIn[] = [];
      while (users.length < ACCOUNTS) users.push(await registerUser(gateways[users.length % 2]!.graphql));
      return users;
    }

    /** What each node says of a token: `ok`, or why not. */
    const statuses = (token: string) =>
      Promise.all(gateways.map(({ graphql }) => tokenStatusOf(graphql, bearer(token))));

    /** Services in processes of their own; each follows one of the gateways. */
    async function startServices(keyRefresh: number): Promise<void> {
      services = await Promise.all(
        gateways.map(({ url }) => startService({ gateway: url, client, keyRefresh })),
      );
      await Promise.all(services.map((service) => service.ready()));
    }

    const judgesOfServices = (): Judge[] =>
      services.map(({ verify }, i) => ({ name: `service ${i}`, verify }));

    /** Nothing failed; 503 was only said where nothing else would have been true. */
    async function expectFaultless(): Promise<void> {
      await load.stop();
      expect(load.failures).toEqual([]);
      const log = gateways.map(({ output }) => output.log).join("");
      expect(log).not.toMatch(/"level":"(?:error|fatal)"/);
      if (load.excused() > 0)
        process.stderr.write(`${load.excused()} of ${load.sent()} were told 503: the machine is too busy\n`);
    }

    it("at once: fails no request and ends no session; services catch up by themselves", async () => {
      const users = await registerAll();
      const old = kidOf(users[0]!.token);
      // They read the keys again every ten minutes, or when they meet one that they do not know.
      await startServices(600_000);
      const judges = judgesOfServices();
      load = startLoad({ gateways, client, users, judges, monitor });
      const said = (kid: string) => judges.map(({ name }) => load.verdicts(name, kid));
      await load.until(() => said(old).every((verdicts) => verdicts.length > 0));
      const { kid } = await keysCli(database, "rotate", "--now");
      await load.until(() => said(kid).every((verdicts) => verdicts.includes("ok")));
      await expectFaultless();
      expect(said(old)).toEqual([["ok"], ["ok"]]);
      // Refused for a moment, perhaps, but for nothing else, and never again.
      for (const verdicts of said(kid)) expect(["UNKNOWN_KEY,ok", "ok"]).toContain(verdicts.join());
      const { privilege } = await loginUser(gateways[0]!.graphql, {
        userid: users[0]!.username,
        password: PASSWORD,
      });
      expect(kidOf(privilege)).toBe(kid);
      for (const service of services) {
        expect(await service.verify(privilege)).toBe("ok");
        expect((await service.stats()).keyRequests).toBeLessThanOrEqual(3);
      }
      for (const { token } of users) expect(await statuses(token)).toEqual(["ok", "ok"]);
      const kids = (await listKeys(database)).map((key) => [key.kid, key.state]);
      expect(kids).toEqual([
        [kid, "signing"],
        [old, "retired"],
      ]);
    }, 120_000);

    it("by schedule: one node makes one key, and neither gateways nor services refuse anything", async () => {
      const users = await registerAll();
      const old = kidOf(users[0]!.token);
      await startServices(1_000);
      // It never asks again because of a key that it does not know, only because its set has become old.
      const remote = createRemoteJWKSet(new URL("/.well-known/jwks.json", gateways[1]!.url), {
        cacheMaxAge: 1_000,
        cooldownDuration: DAY,
      });
      const byJose: Judge = {
        name: "jose",
        verify: (privilege) =>
          jwtVerify(privilege, remote, { audience: "supergraph" }).then(
            () => "ok",
            (error: unknown) => String((error as { code?: string }).code),
          ),
      };
      const judges = [...judgesOfServices(), byJose];
      load = startLoad({ gateways, client, users, judges, monitor });
      const said = (kid: string) => judges.map(({ name }) => load.verdicts(name, kid));
      await load.until(() => said(old).every((verdicts) => verdicts.length > 0));
      await database.query("UPDATE signing_key SET activationTime = activationTime - ?", [91 * DAY]);
      const upcoming = async () => (await listKeys(database)).filter(({ state }) => state === "upcoming");
      while ((await upcoming()).length === 0) await sleep(200);
      // The other node's turn comes too, and it finds nothing to do.
      await sleep(10_000);
      const [next, ...more] = await upcoming();
      expect(more).toEqual([]);
      // In this window the services' sets have become old, as others' do within ten minutes.
      await activateAt(database, next!.kid, Date.now() + 5 * PROMISE_MS);
      await load.until(() => said(next!.kid).every((verdicts) => verdicts.length > 0));
      await expectFaultless();
      expect([...said(old), ...said(next!.kid)]).toEqual(Array(6).fill(["ok"]));
      for (const { token } of users) expect(await statuses(token)).toEqual(["ok", "ok"]);
      const log = gateways.map(({ output }) => output.log).join("");
      expect(log.match(/"audit":"key.rotated"/g)).toHaveLength(1);
    }, 180_000);
  },
  ["mariadb"],
);

onEachDatabase(
  "a compromised key",
  (create) => {
    let database: TestDatabase;
    let gateways: GatewayProcess[];

    beforeEach(async () => {
      database = await create();
      gateways = await Promise.all([1, 2].map(() => spawnGateway({ DATABASE_URL: database.url })));
    });

    afterEach(async () => {
      await Promise.all(gateways.map((gateway) => gateway.stop()));
      await database.drop();
    });

    const statuses = (token: string) =>
      Promise.all(gateways.map(({ graphql }) => tokenStatusOf(graphql, bearer(token))));

    it("is refused by every node within a second, and both accept what the next one signs", async () => {
      const { token, username: userid } = await registerUser(gateways[0]!.graphql);
      expect(await statuses(token)).toEqual(["ok", "ok"]);
      await keysCli(database, "retire", kidOf(token), "--compromised");
      await sleep(PROMISE_MS);
      expect(await statuses(token)).toEqual(["INVALID_CREDENTIAL", "INVALID_CREDENTIAL"]);
      for (const { graphql, url } of gateways) {
        const login = await loginUser(graphql, { userid, password: PASSWORD });
        expect(await statuses(login.token)).toEqual(["ok", "ok"]);
        expect((await fetchKeySet(url)).keys.map(({ kid }) => kid)).toEqual([kidOf(login.token)]);
      }
    });

    it("is refused by a node that was asleep meanwhile, from the first request on", async () => {
      const [node] = gateways;
      const { token } = await registerUser(node!.graphql);
      expect(await statuses(token)).toEqual(["ok", "ok"]);
      node!.process.kill("SIGSTOP");
      await keysCli(database, "retire", kidOf(token), "--compromised");
      await sleep(PROMISE_MS);
      const asked = Array.from({ length: 20 }, () => tokenStatusOf(node!.graphql, bearer(token)));
      await sleep(200);
      node!.process.kill("SIGCONT");
      expect(new Set(await Promise.all(asked))).toEqual(new Set(["INVALID_CREDENTIAL"]));
    });

    it("cannot hide behind a table that cannot be read: then nobody is let in", async () => {
      const { token } = await registerUser(gateways[0]!.graphql);
      await database.query("RENAME TABLE signing_key TO hidden");
      await sleep(PROMISE_MS);
      expect(await statuses(token)).not.toContain("ok");
      await database.query("RENAME TABLE hidden TO signing_key");
      expect(await statuses(token)).toEqual(["ok", "ok"]);
    });
  },
  ["mariadb"],
);

onEachDatabase(
  "a changed SIGNING_ALGORITHM",
  (create) => {
    it("is taken up by the next start, after the window, and ends no session", async () => {
      const database = await create();
      let gateway = await spawnGateway({ DATABASE_URL: database.url });
      const { token, username: userid } = await registerUser(gateway.graphql);
      await gateway.stop();
      gateway = await spawnGateway({ DATABASE_URL: database.url, SIGNING_ALGORITHM: "RS256" });
      let keys = await listKeys(database);
      while (keys.length === 1) keys = await listKeys(database);
      expect(keys.map(({ algorithm, state }) => [algorithm, state])).toEqual([
        ["RS256", "upcoming"],
        ["ES256", "signing"],
      ]);
      const { kid = "" } = keys[0] ?? {};
      await activateAt(database, kid, Date.now());
      const login = await untilSigned(kid, () => loginUser(gateway.graphql, { userid, password: PASSWORD }));
      expect(decodeProtectedHeader(login.token).alg).toBe("RS256");
      for (const jwt of [token, login.token])
        expect(await tokenStatusOf(gateway.graphql, bearer(jwt))).toBe("ok");
      await gateway.stop();
      await database.drop();
    });
  },
  ["sqlite"],
);
