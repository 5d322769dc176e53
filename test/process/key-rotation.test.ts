import { setTimeout as sleep } from "node:timers/promises";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { bearer, loginUser, PASSWORD, registerUser, standingOf } from "../support/client.js";
import type { SignedIn } from "../support/client.js";
import { onEachDatabase } from "../support/databases.js";
import type { TestDatabase } from "../support/databases.js";
import { startGateway } from "../support/gateway.js";
import type { RunningGateway } from "../support/gateway.js";
import { activateAt, fetchKeySet, keysCli, kidOf, listKeys, untilSigned } from "../support/keys.js";

/** After so long, every node knows what was done to a key. */
const PROMISE_MS = 1_000;
const CLIENTS = 3;
const DAY = 86_400_000;

onEachDatabase(
  "a rotation under load",
  (create) => {
    let database: TestDatabase;
    let gateways: RunningGateway[];
    let urls: string[];

    beforeAll(async () => {
      database = await create();
      gateways = await Promise.all([1, 2].map(() => startGateway({ DATABASE_URL: database.url })));
      urls = gateways.map(({ graphql }) => graphql);
    });

    afterAll(async () => {
      await Promise.all(gateways.map((gateway) => gateway.stop()));
      await database.drop();
    });

    /** What each node says of a token: `ok`, or why not. */
    const standings = (token: string) => Promise.all(urls.map((url) => standingOf(url, bearer(token))));

    /**
     * Signs up at one node and asks at both, with the new tokens and with an old one, over and over until it is
     * stopped. The first answer that is not as it should be is thrown.
     */
    function load(old: SignedIn, verify: (privilege: string) => Promise<unknown>) {
      const signed = new Set<string>();
      let stopped = false;
      const client = async (at: number) => {
        for (let round = at; !stopped; round++) {
          const { token, privilege } = await registerUser(urls[round % urls.length]!);
          const answers = await Promise.all([token, privilege, old.token].map(standings));
          expect(answers.flat()).toEqual(Array(6).fill("ok"));
          await verify(privilege);
          signed.add(kidOf(token)).add(kidOf(privilege));
        }
      };
      const clients = Promise.all(Array.from({ length: CLIENTS }, (_, at) => client(at)));
      let failed = false;
      clients.catch(() => (failed = true));
      return {
        /** Until a token of this key has gone through all of it. */
        until: async (kid: string) => {
          while (!signed.has(kid) && !failed) await sleep(50);
        },
        stop: () => {
          stopped = true;
          return clients;
        },
      };
    }

    it("at once: fails no request and ends no session on any node", async () => {
      const old = await registerUser(urls[0]!);
      const { until, stop } = load(old, async () => undefined);
      await until(kidOf(old.token));
      const { kid } = await keysCli(database, "rotate", "--now");
      await until(kid);
      await stop();
      expect(await standings(old.token)).toEqual(["ok", "ok"]);
      const kids = (await listKeys(database)).map((key) => [key.kid, key.state]);
      expect(kids).toEqual([
        [kid, "signing"],
        [kidOf(old.token), "retired"],
      ]);
    });

    it("by schedule: one node makes one key, and who verifies by the key set refuses nothing", async () => {
      const old = await registerUser(urls[0]!);
      // It never asks again because of a key that it does not know, only because its set has become old.
      const remote = createRemoteJWKSet(new URL("/.well-known/jwks.json", gateways[1]!.url), {
        cacheMaxAge: 1_000,
        cooldownDuration: DAY,
      });
      const { until, stop } = load(old, (privilege) =>
        jwtVerify(privilege, remote, { audience: "supergraph" }),
      );
      const due = kidOf(old.token);
      await until(due);
      await database.query("UPDATE signing_key SET activationTime = activationTime - ?", [91 * DAY]);
      const upcoming = async () => (await listKeys(database)).filter(({ state }) => state === "upcoming");
      while ((await upcoming()).length === 0) await sleep(200);
      // The other node's turn comes too, and it finds nothing to do.
      await sleep(10_000);
      const [next, ...more] = await upcoming();
      expect(more).toEqual([]);
      // In this window the verifier's set has become old, as others' does within ten minutes.
      await activateAt(database, next!.kid, Date.now() + 5 * PROMISE_MS);
      await until(next!.kid);
      await stop();
      expect(await standings(old.token)).toEqual(["ok", "ok"]);
      const log = gateways.map(({ output }) => output.log).join("");
      expect(log.match(/"audit":"key.rotated"/g)).toHaveLength(1);
      expect(log).not.toMatch(/"level":"(?:error|fatal)"/);
    }, 180_000);
  },
  ["mariadb"],
);

onEachDatabase(
  "a compromised key",
  (create) => {
    let database: TestDatabase;
    let gateways: RunningGateway[];

    beforeEach(async () => {
      database = await create();
      gateways = await Promise.all([1, 2].map(() => startGateway({ DATABASE_URL: database.url })));
    });

    afterEach(async () => {
      await Promise.all(gateways.map((gateway) => gateway.stop()));
      await database.drop();
    });

    const standings = (token: string) =>
      Promise.all(gateways.map(({ graphql }) => standingOf(graphql, bearer(token))));

    it("is refused by every node within a second, and both accept what the next one signs", async () => {
      const { token, username: userid } = await registerUser(gateways[0]!.graphql);
      expect(await standings(token)).toEqual(["ok", "ok"]);
      await keysCli(database, "retire", kidOf(token), "--compromised");
      await sleep(PROMISE_MS);
      expect(await standings(token)).toEqual(["INVALID_CREDENTIAL", "INVALID_CREDENTIAL"]);
      for (const { graphql, url } of gateways) {
        const login = await loginUser(graphql, { userid, password: PASSWORD });
        expect(await standings(login.token)).toEqual(["ok", "ok"]);
        expect((await fetchKeySet(url)).keys.map(({ kid }) => kid)).toEqual([kidOf(login.token)]);
      }
    });

    it("is refused by a node that was asleep meanwhile, from the first request on", async () => {
      const [node] = gateways;
      const { token } = await registerUser(node!.graphql);
      expect(await standings(token)).toEqual(["ok", "ok"]);
      node!.process.kill("SIGSTOP");
      await keysCli(database, "retire", kidOf(token), "--compromised");
      await sleep(PROMISE_MS);
      const asked = Array.from({ length: 20 }, () => standingOf(node!.graphql, bearer(token)));
      await sleep(200);
      node!.process.kill("SIGCONT");
      expect(new Set(await Promise.all(asked))).toEqual(new Set(["INVALID_CREDENTIAL"]));
    });

    it("cannot hide behind a table that cannot be read: then nobody is let in", async () => {
      const { token } = await registerUser(gateways[0]!.graphql);
      await database.query("RENAME TABLE signing_key TO hidden");
      await sleep(PROMISE_MS);
      expect(await standings(token)).not.toContain("ok");
      await database.query("RENAME TABLE hidden TO signing_key");
      expect(await standings(token)).toEqual(["ok", "ok"]);
    });
  },
  ["mariadb"],
);

onEachDatabase(
  "a changed SIGNING_ALGORITHM",
  (create) => {
    it("is taken up by the next start, after the window, and ends no session", async () => {
      const database = await create();
      let gateway = await startGateway({ DATABASE_URL: database.url });
      const { token, username: userid } = await registerUser(gateway.graphql);
      await gateway.stop();
      gateway = await startGateway({ DATABASE_URL: database.url, SIGNING_ALGORITHM: "RS256" });
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
        expect(await standingOf(gateway.graphql, bearer(jwt))).toBe("ok");
      await gateway.stop();
      await database.drop();
    });
  },
  ["sqlite"],
);
