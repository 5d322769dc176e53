import { Agent, request } from "node:http";
import {
  base64,
  bearer,
  loginUser,
  PASSWORD,
  registerUser,
  send,
  tokenStatusOf,
  type SignedIn,
} from "../../support/client.js";
import { onEachDatabase, type TestDatabase } from "../../support/databases.js";
import { startGateway, type RunningGateway } from "../../support/gateway.js";
import { COOKIE, FORM_NAMES, present, sendWithHeaders, callerBy } from "../../support/credential-forms.js";
import { liveKeys, logout, makeToken, makeTokens, type Issued } from "../../support/token-calls.js";

const LOGOUT = "mutation { logout { success userToken { key current } } }";
const BUMP = "mutation { bumpLogin { lastLoginTime } }";

const LANES = 20;

onEachDatabase("logout", (create) => {
  let database: TestDatabase;
  let nodes: [RunningGateway, RunningGateway];
  let url: string;
  let ann: SignedIn;

  beforeAll(async () => {
    database = await create();
    const settings = { DATABASE_URL: database.url, USER_TOKEN_LIMIT: "1000" };
    // One after the other: the first makes the tables.
    const first = await startGateway(settings);
    nodes = [first, await startGateway(settings)];
    url = first.graphql;
    ann = await registerUser(url);
  });

  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await database.drop();
  });

  it("a second logout is refused with TOKEN_REVOKED", async () => {
    const { token, key } = await makeToken(url, ann.token);
    const first = await logout(url, bearer(token));
    expect(first.data.logout).toEqual({ success: true, userToken: { key, current: true } });
    const second = await logout(url, bearer(token));
    expect([second.status, second.code, second.reason]).toEqual([200, "UNAUTHENTICATED", "TOKEN_REVOKED"]);
  });

  it("of ten logouts at once, on two nodes, exactly one succeeds", async () => {
    const { token, key } = await makeToken(url, ann.token);
    const calls = Array.from({ length: 10 }, (_, i) => logout(nodes[i % 2]!.graphql, bearer(token)));
    const answers = await Promise.all(calls);
    const won = answers.filter(({ data }) => data?.logout);
    expect(won.map(({ data }) => data.logout.userToken.key)).toEqual([key]);
    const lost = answers.filter((answer) => !won.includes(answer));
    expect(new Set(lost.map(({ reason }) => reason))).toEqual(new Set(["TOKEN_REVOKED"]));
  });

  it("a token that has logged out in the same operation can change no other token", async () => {
    const caller = await makeToken(url, ann.token);
    const other = await makeToken(url, ann.token);
    const both = `mutation ($key: ID!) {
      logout { success }
      updateUserToken(key: $key, input: { note: "changed by a dead token" }) { note }
    }`;
    const answer = await send(url, both, { key: other.key }, bearer(caller.token));
    expect(answer.reason).toBe("TOKEN_REVOKED");
    const [row] = await database.query("SELECT note FROM user_token WHERE `key` = ?", [other.key]);
    expect(row?.note).not.toBe("changed by a dead token");
  });

  it("of two logouts in one operation the second is refused", async () => {
    const { token } = await makeToken(url, ann.token);
    const twice = "mutation { one: logout { success } two: logout { success } }";
    const { errors } = await send(url, twice, {}, bearer(token));
    expect(errors.map(({ path, extensions }) => [path, extensions.reason])).toEqual([
      [["two"], "TOKEN_REVOKED"],
    ]);
    expect(await tokenStatusOf(url, bearer(token))).toBe("TOKEN_REVOKED");
  });

  it.each([
    "bumpLogin { lastLoginTime }",
    "rotateUserToken { token }",
    'createUserToken(input: { note: "left behind" }) { token }',
  ])("what comes after the logout in the same operation is refused: %s", async (field) => {
    const { token, key } = await makeToken(url, ann.token);
    const [bumped, live] = [
      await lastLogin(),
      (await liveKeys(url, ann.token)).filter((other) => other !== key),
    ];
    const { errors } = await send(url, `mutation { logout { success } after: ${field} }`, {}, bearer(token));
    expect(errors.map(({ path, extensions }) => [path, extensions.reason])).toEqual([
      [["after"], "TOKEN_REVOKED"],
    ]);
    expect([await lastLogin(), await liveKeys(url, ann.token)]).toEqual([bumped, live]);
  });

  it("a logout ends one token and leaves the user's others", async () => {
    const [one, two] = await makeTokens(url, ann.token, 2);
    await logout(url, bearer(one!.token));
    expect(await tokenStatusOf(url, bearer(one!.token))).toBe("TOKEN_REVOKED");
    expect(await tokenStatusOf(url, bearer(two!.token))).toBe("ok");
    expect(await tokenStatusOf(url, bearer(ann.token))).toBe("ok");
  });

  it("without a credential there is nothing to log out of", async () => {
    expect(await logout(url, {})).toMatchObject({ code: "UNAUTHENTICATED", reason: "NO_CREDENTIAL" });
  });

  it.each(FORM_NAMES)("a logout by %s ends the token in every form", async (form) => {
    const issued = await makeToken(url, ann.token);
    const presented = { ...issued, owner: ann.username };
    const answer = await sendWithHeaders(url, LOGOUT, present(form, presented));
    expect(answer.data.logout.userToken).toEqual({ key: issued.key, current: true });
    for (const other of FORM_NAMES)
      expect(await callerBy(url, present(other, presented))).toBe("TOKEN_REVOKED");
  });

  it("a logout clears the session cookie when the cookie was the credential, and only then", async () => {
    const [one, two] = await makeTokens(url, ann.token, 2);
    const byCookie = await sendWithHeaders(url, LOGOUT, [["Cookie", `${COOKIE}=${one!.token}`]]);
    expect(byCookie.headers["set-cookie"]?.[0]).toMatch(new RegExp(`^${COOKIE}=;.*Max-Age=0`));
    const byHeader = await sendWithHeaders(url, LOGOUT, [
      ["Authorization", `Bearer ${two!.token}`],
      ["Cookie", `${COOKIE}=${ann.token}`],
    ]);
    expect(byHeader.data.logout.userToken.key).toBe(two!.key);
    expect(byHeader.headers["set-cookie"]).toBeUndefined();
    expect(await tokenStatusOf(url, bearer(ann.token))).toBe("ok");
  });

  it("another client's fingerprint is FORBIDDEN, and the token lives; the right one ends it", async () => {
    const login = await signInWith("the browser of Ann");
    for (const clientFingerprint of ["another browser", "", "The browser of Ann"]) {
      const answer = await logout(url, bearer(login.token), { clientFingerprint });
      expect([answer.status, answer.code]).toEqual([200, "FORBIDDEN"]);
      expect(await tokenStatusOf(url, bearer(login.token))).toBe("ok");
    }
    const right = await logout(url, bearer(login.token), { clientFingerprint: "the browser of Ann" });
    expect(right.data.logout.success).toBe(true);
    expect(await tokenStatusOf(url, bearer(login.token))).toBe("TOKEN_REVOKED");
  });

  it("a logout that names no fingerprint is always heard", async () => {
    const login = await signInWith("the browser of Ann");
    expect((await logout(url, bearer(login.token), { clientFingerprint: null })).data.logout.success).toBe(
      true,
    );
    expect(await tokenStatusOf(url, bearer(login.token))).toBe("TOKEN_REVOKED");
  });

  it("a token that was issued without a fingerprint ends by a logout that names any", async () => {
    const { token } = await makeToken(url, ann.token);
    expect((await logout(url, bearer(token), { clientFingerprint: "any" })).data.logout.success).toBe(true);
  });

  it("a fingerprint is kept as a digest only", async () => {
    const login = await signInWith("the browser of Ann");
    const [row] = await database.query(
      "SELECT clientFingerprintHash AS hash FROM user_token WHERE `key` = ?",
      [login.key],
    );
    expect(row?.hash).toMatch(/^[\w.-]{20,64}$/);
    expect(row?.hash).not.toContain("browser");
    expect(row?.hash).not.toContain(base64("the browser of Ann").slice(0, 20));
  });

  it("bumpLogin moves the last login time forward", async () => {
    const before = await lastLogin();
    const answer = await send(url, BUMP, {}, bearer(ann.token));
    const moved = Date.parse(answer.data.bumpLogin.lastLoginTime);
    expect(moved).toBeGreaterThan(before);
    expect(await lastLogin()).toBe(moved);
    const me = await send(url, "{ me { lastLoginTime } }", {}, bearer(ann.token));
    expect(Date.parse(me.data.me.lastLoginTime)).toBe(moved);
  });

  it("a bump after the logout is refused and moves nothing", async () => {
    const { token } = await makeToken(url, ann.token);
    await logout(url, bearer(token));
    const before = await lastLogin();
    expect((await send(url, BUMP, {}, bearer(token))).reason).toBe("TOKEN_REVOKED");
    expect(await lastLogin()).toBe(before);
  });

  it("bumps that race a logout on two nodes never bring the token back", async () => {
    const tokens = await makeTokens(url, ann.token, 20);
    await Promise.all(
      tokens.map(async ({ token }, i) => {
        const [one, two] = i % 2 ? nodes : [nodes[1], nodes[0]];
        const bump = (node: RunningGateway) => send(node.graphql, BUMP, {}, bearer(token));
        const [ended, ...bumps] = await Promise.all([
          logout(two.graphql, bearer(token)),
          bump(one),
          bump(two),
          bump(one),
        ]);
        expect(ended.data?.logout.success).toBe(true);
        for (const { data, reason } of bumps)
          expect(data ? "bumped" : reason).toMatch(/^(bumped|TOKEN_REVOKED)$/);
        expect(await tokenStatusOf(one.graphql, bearer(token))).toBe("TOKEN_REVOKED");
        expect((await bump(two)).reason).toBe("TOKEN_REVOKED");
      }),
    );
  });

  it("tokens logged out on one node are refused by the other's very next request: 2,000 of 2,000 on MariaDB, 200 elsewhere", async () => {
    const rounds = database.kind === "mariadb" ? 100 : 10;
    const lanes = Array.from({ length: LANES }, (_, i) => createLane(nodes, i));
    const counts = await Promise.all(
      lanes.map(async (lane) => {
        let refused = 0;
        for (let round = 0; round < rounds; round += 10) {
          for (const issued of await makeTokens(lane.first, ann.token, 10))
            refused += await lane.round(issued);
        }
        lane.close();
        return refused;
      }),
    );
    expect(counts).toEqual(Array.from({ length: LANES }, () => rounds));
  });

  const signInWith = (clientFingerprint: string) =>
    loginUser(url, { userid: ann.username, password: PASSWORD, clientFingerprint });

  async function lastLogin(): Promise<number> {
    const [row] = await database.query("SELECT lastLoginTime AS time FROM `user` WHERE id = ?", [ann.id]);
    return Number(row?.time);
  }
});

/** Logs out on one node and uses the token on the other, over two connections of its own that stay open. */
function createLane(nodes: [RunningGateway, RunningGateway], index: number) {
  const [first, second] = index % 2 ? [nodes[1], nodes[0]] : nodes;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const query = (url: string, body: string, token: string) =>
    post(agent, url, JSON.stringify({ query: body }), token);
  let rounds = 0;
  return {
    first: first.graphql,
    /** 1 when the token was refused with TOKEN_REVOKED. Every fourth one has been used on that node before. */
    async round({ token }: Issued): Promise<number> {
      rounds += 1;
      const [here, there] = rounds % 2 ? [second.graphql, first.graphql] : [first.graphql, second.graphql];
      const before = rounds % 8 < 2 ? await query(there, "{ me { id } }", token) : '"id"';
      const ended = await query(here, "mutation { logout { success } }", token);
      const after = await query(there, "{ me { id } }", token);
      const proper =
        before.includes('"id"') && ended.includes('"success":true') && after.includes('"TOKEN_REVOKED"');
      return proper ? 1 : 0;
    },
    close: () => {
      agent.destroy();
    },
  };
}

/** The text of the answer. Plain node:http over one open connection: thousands of calls must be cheap. */
function post(agent: Agent, url: string, body: string, token: string): Promise<string> {
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    ...bearer(token),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: "POST", agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => {
        resolve(text);
      });
    });
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      // The gateway ended the idle connection just as it was used again: it has not seen the request.
      if (outgoing.reusedSocket && error.code === "ECONNRESET") resolve(post(agent, url, body, token));
      else reject(error);
    });
    outgoing.end(body);
  });
}
