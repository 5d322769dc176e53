import {
  basic,
  bearer,
  loginUser,
  PASSWORD,
  registerUser,
  send,
  tokenStatusOf,
  uniqueName,
  type GraphqlAnswer,
  type SignedIn,
} from "../../support/client.js";
import { onEachGateway } from "../../support/with-gateway.js";

const PAYLOAD = `
  token
  privilege
  user { id username email phone locale role privilegeLevel enabled creationTime lastLoginTime }
  userToken { key note scopes enabled version current creationTime expirationTime lastUsageTime }`;
const LOGIN = `mutation ($input: LoginInput) { login(input: $input) { ${PAYLOAD} } }`;
const LIMIT = 3;
const VIEWER_SCOPES = ["account:read", "account:write", "tokens:manage"];
const DAY_MS = 24 * 3_600_000;

onEachGateway(
  "login",
  (setup) => {
    /** Every test may sign in as her; none keeps a token of hers. */
    let ann: SignedIn & { email: string; phone: string };

    beforeAll(async () => {
      const names = { username: "Ann.Gro\u00dfe", email: "Ann@Example.org", phone: "+49 (30) 12345-67" };
      ann = { ...(await registerUser(setup.graphql, names)), ...names };
    });

    const login = (
      input: Record<string, unknown> | null,
      headers: Record<string, string> = {},
    ): Promise<GraphqlAnswer> => send(setup.graphql, LOGIN, { input }, headers);

    const loginAnn = (input: Record<string, unknown> = {}): Promise<GraphqlAnswer> =>
      login({ userid: ann.username, password: PASSWORD, ...input });

    it("answers the account and a new token with all defaults", async () => {
      const { data, errors, status, headers } = await loginAnn();
      expect([status, errors, headers.get("set-cookie")]).toEqual([200, [], null]);
      const { user, userToken, token, privilege } = data.login;
      expect(user).toEqual({
        id: ann.id,
        username: ann.username,
        email: ann.email,
        phone: ann.phone,
        locale: "en",
        role: "VIEWER",
        privilegeLevel: 0,
        enabled: true,
        creationTime: expect.any(String),
        lastLoginTime: userToken.creationTime,
      });
      expect(userToken).toEqual({
        key: expect.any(String),
        note: null,
        scopes: VIEWER_SCOPES,
        enabled: true,
        version: 0,
        current: true,
        creationTime: expect.any(String),
        expirationTime: new Date(Date.parse(userToken.creationTime) + 30 * DAY_MS).toISOString(),
        lastUsageTime: null,
      });
      expect(await tokenStatusOf(setup.graphql, bearer(token))).toBe("ok");
      expect(await tokenStatusOf(setup.graphql, bearer(privilege))).toBe("ok");
    });

    it.each([
      ["the username as written", "Ann.Gro\u00dfe"],
      ["the username in another case", "ANN.GROSSE"],
      ["the username with spaces around", "  ann.gro\u00dfe\u00a0"],
      ["the username in full-width letters", "\uff21\uff4e\uff4e\uff0e\uff27\uff32\uff2f\uff33\uff33\uff25"],
      ["the e-mail address in any case", "aNN@eXAMPLE.ORG"],
      ["the number as written", "+49 (30) 12345-67"],
      ["the number without separators", "+49301234567"],
      ["the number with other separators", "+49/30/12.345 67"],
    ])("finds the account by %s", async (_what, userid) => {
      expect((await loginUser(setup.graphql, { userid, password: PASSWORD })).id).toBe(ann.id);
      expect((await login(null, basic(userid, PASSWORD))).data?.login.user.id).toBe(ann.id);
    });

    it("takes a Basic header with a password of any Unicode, colons in it, in either Unicode form", async () => {
      const username = uniqueName("Zo\u00eb");
      const password = ":p\u00e4ss:w\u00f6rt:\u{1f511}:";
      const { id } = await registerUser(setup.graphql, { username, password });
      for (const form of ["NFC", "NFD"] as const) {
        const answer = await login(null, basic(username.normalize(form), password.normalize(form)));
        expect(answer.data?.login.user.id).toBe(id);
      }
      expect((await login(null, basic(username, password.slice(1)))).reason).toBe("BAD_LOGIN");
    });

    it("takes the other values from the input beside a Basic header", async () => {
      const answer = await login({ note: "by Basic", scopes: [] }, basic(ann.username, PASSWORD));
      expect(answer.data.login.userToken).toMatchObject({ note: "by Basic", scopes: [] });
    });

    it("answers an unknown user, a wrong password and a disabled account with the very same bytes", async () => {
      const gone = await registerUser(setup.graphql);
      await setup.database.query("UPDATE `user` SET enabled = ? WHERE id = ?", [0, gone.id]);
      const pairs: [string, string][] = [
        ["nobody-of-that-name", PASSWORD],
        [ann.username, `${PASSWORD}.`],
        [ann.username, PASSWORD.toUpperCase()],
        [ann.username, ` ${PASSWORD}`],
        [ann.username, ""],
        [ann.email, "wrong password"],
        [gone.username, PASSWORD],
        [gone.username, "wrong password"],
        ["\0' OR 1=1 -- ", PASSWORD],
        ["", PASSWORD],
      ];
      const answers = await Promise.all([
        ...pairs.map(([userid, password]) => login({ userid, password })),
        ...pairs.slice(0, -2).map(([userid, password]) => login(null, basic(userid, password))),
        login(null, basic("u".repeat(3_000), PASSWORD)),
        login(null, basic(ann.username, "p".repeat(3_000))),
        login(null, { authorization: "Basic !" }),
      ]);
      const seen = answers.map(({ status, text, headers }) =>
        [status, text, headers.get("content-length")].join(" "),
      );
      expect(new Set(seen).size).toBe(1);
      expect(answers[0]).toMatchObject({
        status: 200,
        code: "UNAUTHENTICATED",
        reason: "BAD_LOGIN",
        data: null,
      });
    });

    it.each([
      ["a name", "My laptop \u{1f4bb}", "My laptop \u{1f4bb}"],
      ["255 characters of four bytes", "\u{1f4bb}".repeat(255), "\u{1f4bb}".repeat(255)],
      ["blanks", "  ", null],
      ["null", null, null],
    ])("keeps a note of %s", async (_what, note, kept) => {
      const { userToken, token } = (await loginAnn({ note })).data.login;
      expect(userToken.note).toBe(kept);
      const { data } = await send(
        setup.graphql,
        "{ userTokens(first: 1) { nodes { key note } } }",
        {},
        bearer(token),
      );
      expect(data.userTokens.nodes).toEqual([{ key: userToken.key, note: kept }]);
    });

    it.each([
      ["left out", {}, VIEWER_SCOPES],
      ["null", { scopes: null }, VIEWER_SCOPES],
      ["none", { scopes: [] }, []],
      ["some", { scopes: ["account:read"] }, ["account:read"]],
      [
        "some twice",
        { scopes: ["tokens:manage", "account:read", "tokens:manage"] },
        ["tokens:manage", "account:read"],
      ],
    ])("grants the scopes asked for: %s", async (_what, asked, granted) => {
      const { userToken, token } = (await loginAnn(asked)).data.login;
      expect(userToken.scopes).toEqual(granted);
      const list = await send(
        setup.graphql,
        "{ userTokens(first: 1) { nodes { scopes } } }",
        {},
        bearer(token),
      );
      if (granted.includes("tokens:manage"))
        expect(list.data.userTokens.nodes).toEqual([{ scopes: granted }]);
      else expect(list.code).toBe("FORBIDDEN");
    });

    it("takes an expirationTime at any offset, and answers the same instant", async () => {
      const instant = Math.floor(Date.now() / 1000) * 1000 + 3_600_123;
      for (const [offset, minutes] of [
        ["Z", 0],
        ["+05:30", 330],
        ["-11:00", -660],
        ["+00:00", 0],
      ] as const) {
        const local = new Date(instant + minutes * 60_000).toISOString().replace("Z", offset);
        const { userToken, token } = (await loginAnn({ expirationTime: local })).data.login;
        expect(userToken.expirationTime).toBe(new Date(instant).toISOString());
        const { exp } = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
        expect(exp).toBe(Math.floor(instant / 1000));
        const { data } = await send(
          setup.graphql,
          "{ userTokens(first: 1) { nodes { expirationTime } } }",
          {},
          bearer(token),
        );
        expect(data.userTokens.nodes).toEqual([{ expirationTime: new Date(instant).toISOString() }]);
      }
    });

    it("keeps of a client fingerprint only a digest", async () => {
      const clientFingerprint = "My-Laptop-4711";
      const answer = await loginAnn({ clientFingerprint });
      const { key } = answer.data.login.userToken;
      const [row] = await setup.database.query("SELECT * FROM user_token WHERE `key` = ?", [key]);
      expect(row?.clientFingerprintHash).toMatch(/^[\w-]+\.[\w-]{43}$/);
      expect(JSON.stringify(row) + answer.text + setup.gateway.output.log).not.toContain(clientFingerprint);
      const [other] = await setup.database.query("SELECT * FROM user_token WHERE `key` = ?", [
        (await loginAnn()).data.login.userToken.key,
      ]);
      expect(other?.clientFingerprintHash).toBeNull();
    });

    it("issues a new token each time, and the older ones stay", async () => {
      const first = await registerUser(setup.graphql);
      const input = { userid: first.username, password: PASSWORD };
      const second = await loginUser(setup.graphql, input);
      const third = await loginUser(setup.graphql, input);
      expect(new Set([first.key, second.key, third.key]).size).toBe(3);
      expect(new Set([first.token, second.token, third.token]).size).toBe(3);
      for (const { token } of [first, second, third]) {
        expect(await tokenStatusOf(setup.graphql, bearer(token))).toBe("ok");
      }
    });

    it("moves the last login time, to when the token was made; a failed login does not", async () => {
      const user = await registerUser(setup.graphql);
      await setup.database.query("UPDATE `user` SET lastLoginTime = ? WHERE id = ?", [1_000, user.id]);
      const lastLogin = async () =>
        (await send(setup.graphql, "{ me { lastLoginTime } }", {}, bearer(user.token))).data.me.lastLoginTime;
      await login({ userid: user.username, password: "wrong password" });
      expect(await lastLogin()).toBe("1970-01-01T00:00:01.000Z");
      const { userToken } = (await login({ userid: user.username, password: PASSWORD })).data.login;
      expect(await lastLogin()).toBe(userToken.creationTime);
    });

    describe("beyond the most live tokens an account may hold", () => {
      const statuses = async (tokens: string[]) =>
        Promise.all(tokens.map((token) => tokenStatusOf(setup.graphql, bearer(token))));

      const createPersonal = async (by: string): Promise<string> => {
        const query = 'mutation { createUserToken(input: {note: "CI"}) { token } }';
        return (await send(setup.graphql, query, {}, bearer(by))).data.createUserToken.token;
      };

      it("ends the login token that was used longest ago, and no personal one", async () => {
        const first = await registerUser(setup.graphql);
        const input = { userid: first.username, password: PASSWORD };
        const personal = await createPersonal(first.token);
        const second = await loginUser(setup.graphql, input);
        // The personal one was made, and used, before the others; the first login was used after the second.
        await setup.database.query("UPDATE user_token SET lastUsageTime = ? WHERE userId = ?", [
          1_000,
          first.id,
        ]);
        await setup.database.query("UPDATE user_token SET lastUsageTime = ? WHERE `key` = ?", [
          3_000,
          first.key,
        ]);
        await setup.database.query("UPDATE user_token SET lastUsageTime = ? WHERE `key` = ?", [
          2_000,
          second.key,
        ]);
        const third = await loginUser(setup.graphql, input);
        expect(await statuses([personal, first.token, second.token, third.token])).toEqual([
          "ok",
          "ok",
          "TOKEN_REVOKED",
          "ok",
        ]);
        expect(setup.gateway.output.log).toContain('"audit":"token.evicted"');
      });

      it("lets an account sign in that holds personal tokens alone", async () => {
        const first = await registerUser(setup.graphql);
        const personal = [await createPersonal(first.token), await createPersonal(first.token)];
        await send(setup.graphql, "mutation { logout { success } }", {}, bearer(first.token));
        personal.push(await createPersonal(personal[0]!));
        const login = await loginUser(setup.graphql, { userid: first.username, password: PASSWORD });
        expect(await statuses([...personal, login.token])).toEqual(["ok", "ok", "ok", "ok"]);
      });

      it("does not count tokens that ended", async () => {
        const first = await registerUser(setup.graphql);
        const input = { userid: first.username, password: PASSWORD };
        const second = await loginUser(setup.graphql, input);
        const third = await loginUser(setup.graphql, input);
        await send(setup.graphql, "mutation { logout { success } }", {}, bearer(second.token));
        await setup.database.query("UPDATE user_token SET expirationTime = ? WHERE `key` = ?", [
          1_000,
          third.key,
        ]);
        await loginUser(setup.graphql, input);
        await loginUser(setup.graphql, input);
        expect(await statuses([first.token])).toEqual(["ok"]);
      });

      it("holds while logins race", async () => {
        const { username, id } = await registerUser(setup.graphql);
        const input = { userid: username, password: PASSWORD };
        const tokens = await Promise.all(Array.from({ length: 8 }, () => loginUser(setup.graphql, input)));
        const live = (await statuses(tokens.map(({ token }) => token))).filter((status) => status === "ok");
        expect(live).toHaveLength(LIMIT);
        const sql = "SELECT COUNT(*) AS number FROM user_token WHERE userId = ? AND revocationTime IS NULL";
        expect(Number((await setup.database.query(sql, [id]))[0]?.number)).toBe(LIMIT);
      });
    });

    it("pays no heed to one bad, expired or other credential beside it, and refuses two", async () => {
      const expired = await registerUser(setup.graphql);
      await setup.database.query("UPDATE user_token SET expirationTime = ? WHERE `key` = ?", [
        1_000,
        expired.key,
      ]);
      const other = await registerUser(setup.graphql);
      for (const headers of [
        bearer("not.a.token"),
        bearer(expired.token),
        bearer(other.token),
        bearer(other.privilege),
        { cookie: "latchkey_session=not.a.token" },
      ]) {
        const { user, userToken } = (await login({ userid: ann.username, password: PASSWORD }, headers)).data
          .login;
        expect([user.id, userToken.current]).toEqual([ann.id, true]);
      }
      const two = { ...bearer(other.token), "x-auth-token": other.token };
      const answer = await login({ userid: ann.username, password: PASSWORD }, two);
      expect([answer.status, answer.code, answer.data]).toEqual([400, "BAD_REQUEST", undefined]);
      const withBasic = await login(null, { ...basic(ann.username, PASSWORD), "x-auth-token": other.token });
      expect([withBasic.status, withBasic.code]).toEqual([400, "BAD_REQUEST"]);
    });

    it("sets a session cookie that signs in, if asked to", async () => {
      const answer = await loginAnn({ session: true });
      const cookie = (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
      expect(await tokenStatusOf(setup.graphql, { cookie })).toBe("ok");
    });
  },
  { USER_TOKEN_LIMIT: String(LIMIT), LOG_LEVEL: "debug" },
);
