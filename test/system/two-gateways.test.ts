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
import { runCli, spawnGateway, type GatewayProcess } from "../support/gateway.js";

const REGISTER = "mutation ($input: RegisterInput!) { register(input: $input) { token } }";

onEachDatabase(
  "two gateways on one database",
  (create) => {
    let database: TestDatabase;
    let gateways: [GatewayProcess, GatewayProcess];
    let a: string;
    let b: string;

    beforeAll(async () => {
      database = await create();
      const start = () => spawnGateway({ DATABASE_URL: database.url });
      gateways = await Promise.all([start(), start()]);
      [a, b] = [gateways[0].graphql, gateways[1].graphql];
    });

    afterAll(async () => {
      await Promise.all(gateways.map((gateway) => gateway.stop()));
      await database.drop();
    });

    const cli = async (...args: string[]) => {
      expect(await runCli(args, { DATABASE_URL: database.url })).toMatchObject({ code: 0 });
    };

    it("a token of one is accepted, and can be ended, by the other", async () => {
      const { token } = await registerUser(a);
      expect(await tokenStatusOf(b, bearer(token))).toBe("ok");
      await send(b, "mutation { logout(input: {}) { success } }", {}, bearer(token));
      expect(await tokenStatusOf(a, bearer(token))).toBe("TOKEN_REVOKED");
    });

    it("a role given by the command line is seen by the next request of both", async () => {
      const { token, username } = await registerUser(a);
      await cli("users", "role", username, "admin");
      for (const url of [a, b]) {
        const me = await send(url, "{ me { role privilegeLevel } }", {}, bearer(token));
        expect(me.data.me).toEqual({ role: "ADMIN", privilegeLevel: 2 });
      }
    });

    it("disabling an account ends its tokens everywhere, for good; enabling it needs a new login", async () => {
      const { token, username } = await registerUser(a);
      const login = await loginUser(b, { userid: username, password: PASSWORD });
      await cli("users", "disable", username);
      const input = { userid: username, password: PASSWORD };
      for (const url of [a, b]) {
        expect(await tokenStatusOf(url, bearer(token))).toBe("TOKEN_REVOKED");
        expect(await tokenStatusOf(url, bearer(login.token))).toBe("TOKEN_REVOKED");
        const refused = await send(url, "mutation ($input: LoginInput) { login(input: $input) { token } }", {
          input,
        });
        expect(refused.reason).toBe("BAD_LOGIN");
      }
      await cli("users", "enable", username);
      for (const url of [a, b]) {
        expect(await tokenStatusOf(url, bearer(token))).toBe("TOKEN_REVOKED");
        expect(await tokenStatusOf(url, bearer((await loginUser(url, input)).token))).toBe("ok");
      }
    });

    it("of twins registered on both at once, one wins", async () => {
      for (let round = 0; round < 5; round++) {
        const username = uniqueName("twin");
        const inputs = [username, username.toUpperCase()].map((name) => ({
          username: name,
          password: PASSWORD,
        }));
        const answers = await Promise.all(
          [a, b].flatMap((url) => inputs.map((input) => send(url, REGISTER, { input }))),
        );
        expect(answers.map(({ code }) => code ?? "ok").sort()).toEqual([
          "CONFLICT",
          "CONFLICT",
          "CONFLICT",
          "ok",
        ]);
      }
    });

    it("writing from both at once fails nobody", async () => {
      const register = (url: string) =>
        send(url, REGISTER, { input: { username: uniqueName("both"), password: PASSWORD } });
      // Few at once: more would wait for the threads that hash, and be told to come back later.
      for (let round = 0; round < 10; round++) {
        const answers = await Promise.all([a, b, a, b].map(register));
        expect(answers.map(({ code }) => code).filter(Boolean)).toEqual([]);
      }
    });
  },
  ["sqlite", "mariadb"],
);
