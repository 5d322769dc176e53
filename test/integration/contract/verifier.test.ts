import { makeClient } from "../../support/service-client.js";
import { setTimeout as sleep } from "node:timers/promises";
import { createVerifier, type UserViewer, type Verifier } from "../../../packages/verify/src/index.js";
import { bearer, loginUser, PASSWORD, registerUser, send, type SignedIn } from "../../support/client.js";
import { onEachDatabase, type TestDatabase } from "../../support/databases.js";
import { runCommand, startGateway, type RunningGateway } from "../../support/gateway.js";
import { logout, makeToken, revokeToken, rotate, updateToken } from "../../support/token-calls.js";

const ISSUER = "http://localhost:4000";
const REVOKE_ALL = "mutation { revokeAllUserTokens(keepCurrent: false) }";

onEachDatabase("services that verify by themselves, and follow the feed of either node", (create) => {
  let database: TestDatabase;
  let gateways: [RunningGateway, RunningGateway];
  let url: string;
  let users: Verifier<UserViewer>[];
  let services: Verifier[];

  beforeAll(async () => {
    database = await create();
    const start = () => startGateway({ DATABASE_URL: database.url, ROTATION_GRACE: "1s" });
    gateways = [await start(), await start()];
    url = gateways[0].graphql;
    const { id, secret } = await makeClient({ DATABASE_URL: database.url });
    // A busy machine may keep a heartbeat for longer than the usual two seconds.
    const common = { issuer: ISSUER, client: { id, secret }, maxStaleness: 10_000 };
    users = gateways.map((node) => createVerifier({ ...common, gateway: node.url, tokens: "user" }));
    services = gateways.map((node) =>
      createVerifier({ ...common, gateway: node.url, audience: "supergraph" }),
    );
    await Promise.all([...users, ...services].map((verifier) => verifier.ready()));
  });

  afterAll(async () => {
    await Promise.all([...users, ...services].map((verifier) => verifier.close()));
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await database.drop();
  });

  const cli = async (...args: string[]) => {
    expect(await runCommand(args, { DATABASE_URL: database.url })).toMatchObject({ code: 0 });
  };

  const verdicts = (verifiers: readonly (Verifier | Verifier<UserViewer>)[], token: string) =>
    verifiers.map((verifier) => {
      const verification = verifier.verify(bearer(token));
      return verification.ok ? "ok" : verification.code;
    });
  const ofUser = (token: string) => verdicts(users, token);
  const ofService = (token: string) => verdicts(services, token);

  /** All say the same in the end, and in between nothing else than before. */
  async function expectSoon(judge: () => string[], verdict: string, before = "ok"): Promise<void> {
    for (;;) {
      const now = judge();
      for (const one of now) expect([verdict, before]).toContain(one);
      if (now.every((one) => one === verdict)) return;
      await sleep(5);
    }
  }

  async function privilegeOf(token: string): Promise<string> {
    const { data, text } = await send(url, "{ privilegeToken { privilege } }", {}, bearer(token));
    if (!data?.privilegeToken) throw new Error(`no privilege token: ${text}`);
    return data.privilegeToken.privilege as string;
  }

  describe("refuse soon what the gateway refuses at once", () => {
    let ann: SignedIn;
    let privilege: string;

    beforeEach(async () => {
      ann = await registerUser(url);
      privilege = await privilegeOf(ann.token);
      expect([...ofUser(ann.token), ...ofService(privilege)]).toEqual(["ok", "ok", "ok", "ok"]);
    });

    /** The user's token, and the privilege token that was made from it. */
    const expectBoth = async (verdict: string, before = "ok") => {
      await expectSoon(() => ofUser(ann.token), verdict, before);
      await expectSoon(() => ofService(privilege), verdict, before);
    };

    it("a logout", async () => {
      await logout(url, bearer(ann.token));
      await expectBoth("TOKEN_REVOKED");
    });

    it("a token that is revoked; the others live", async () => {
      const other = await makeToken(url, ann.token);
      await revokeToken(url, ann.token, other.key);
      await expectSoon(() => ofUser(other.token), "TOKEN_REVOKED");
      expect([...ofUser(ann.token), ...ofService(privilege)]).toEqual(["ok", "ok", "ok", "ok"]);
    });

    it("all tokens; one that is issued within the same second is accepted", async () => {
      await send(url, REVOKE_ALL, {}, bearer(ann.token));
      const again = await loginUser(url, { userid: ann.username, password: PASSWORD });
      await expectBoth("TOKEN_REVOKED");
      expect([...ofUser(again.token), ...ofService(again.privilege)]).toEqual(["ok", "ok", "ok", "ok"]);
    });

    it("a token that is disabled, until it is enabled", async () => {
      const other = await makeToken(url, ann.token);
      const made = await privilegeOf(other.token);
      const steps = [
        { enabled: false, verdict: "TOKEN_DISABLED", before: "ok" },
        { enabled: true, verdict: "ok", before: "TOKEN_DISABLED" },
        { enabled: false, verdict: "TOKEN_DISABLED", before: "ok" },
      ];
      for (const { enabled, verdict, before } of steps) {
        await updateToken(url, ann.token, other.key, { enabled });
        await expectSoon(() => ofUser(other.token), verdict, before);
        await expectSoon(() => ofService(made), verdict, before);
      }
    });

    it("a token whose end was brought forward, from that end on", async () => {
      const other = await makeToken(url, ann.token);
      const soon = new Date(Date.now() + 2_000).toISOString();
      await updateToken(url, ann.token, other.key, { expirationTime: soon });
      await expectSoon(() => ofUser(other.token), "TOKEN_EXPIRED");
    });

    it("the version before a rotation, once its grace is over", async () => {
      const next = await rotate(url, ann.token);
      expect(ofUser(next.token)).toEqual(["ok", "ok"]);
      await expectSoon(() => ofUser(ann.token), "TOKEN_REVOKED");
      expect([...ofUser(next.token), ...ofService(privilege)]).toEqual(["ok", "ok", "ok", "ok"]);
    });

    it("a privilege token that says an earlier role; one that says the new role is accepted at once", async () => {
      await cli("users", "role", ann.username, "admin");
      const next = await privilegeOf(ann.token);
      await expectSoon(() => ofService(privilege), "TOKEN_REVOKED");
      expect([...ofUser(ann.token), ...ofService(next)]).toEqual(["ok", "ok", "ok", "ok"]);
    });

    it("an account that is disabled; once it is enabled, a new login is accepted", async () => {
      await cli("users", "disable", ann.username);
      await expectBoth("TOKEN_REVOKED");
      await cli("users", "enable", ann.username);
      const again = await loginUser(url, { userid: ann.username, password: PASSWORD });
      expect([...ofUser(again.token), ...ofService(again.privilege)]).toEqual(["ok", "ok", "ok", "ok"]);
      await expectBoth("TOKEN_REVOKED");
    });
  });

  it("one that starts now, from the feed's beginning, knows all that ended before", async () => {
    const ended = await registerUser(url);
    const living = await registerUser(url);
    await logout(url, bearer(ended.token));
    const { id, secret } = await makeClient({ DATABASE_URL: database.url });
    for (const feed of ["sse", "poll"] as const) {
      const late = createVerifier({
        issuer: ISSUER,
        maxStaleness: 10_000,
        gateway: gateways[1].url,
        client: { id, secret },
        tokens: "user",
        feed,
      });
      await late.ready();
      expect(late.verify(bearer(ended.token))).toMatchObject({ ok: false, code: "TOKEN_REVOKED" });
      expect(late.verify(bearer(living.token))).toMatchObject({ ok: true });
      await late.close();
    }
  });
});
