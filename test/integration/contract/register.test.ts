import { decodeJwt, decodeProtectedHeader } from "jose";
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
} from "../../support/client.js";
import { onEachGateway } from "../../support/with-gateway.js";

const REGISTER = `mutation ($input: RegisterInput!) {
  register(input: $input) {
    token
    privilege
    user { id username email phone locale role privilegeLevel enabled creationTime lastLoginTime }
    userToken { key note scopes enabled version current creationTime expirationTime lastUsageTime }
  }
}`;
const UUID = /^[\da-f]{8}-[\da-f]{4}-[47][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
const DAY_MS = 24 * 3_600_000;

onEachGateway(
  "registration",
  (setup) => {
    const register = (input: Record<string, unknown>, headers = {}): Promise<GraphqlAnswer> =>
      send(
        setup.graphql,
        REGISTER,
        { input: { username: uniqueName(), password: PASSWORD, ...input } },
        headers,
      );

    const count = async (sql: string, values: string[]): Promise<number> =>
      Number((await setup.database.query(`SELECT COUNT(*) AS number FROM ${sql}`, values))[0]?.number);

    /** How many rows of each table speak of this name, as it was written and as it is looked up. */
    const rowsOf = async (name: string) => ({
      users: await count("`user` WHERE username = ?", [name]),
      identifiers: await count("user_identifier WHERE value = ?", [name.toLowerCase()]),
      tokens: await count("user_token JOIN `user` ON `user`.id = user_token.userId WHERE username = ?", [
        name,
      ]),
    });
    const NOTHING = { users: 0, identifiers: 0, tokens: 0 };
    const ONE_OF_EACH = { users: 1, identifiers: 1, tokens: 1 };

    it("answers a VIEWER and a first token with all defaults", async () => {
      const username = uniqueName();
      const answer = await register({ username });
      expect([answer.status, answer.errors]).toEqual([200, []]);
      const { user, userToken } = answer.data.register;
      expect(user).toEqual({
        id: expect.stringMatching(UUID),
        username,
        email: null,
        phone: null,
        locale: "en",
        role: "VIEWER",
        privilegeLevel: 0,
        enabled: true,
        creationTime: expect.stringMatching(/^\d{4}-.+Z$/),
        lastLoginTime: user.creationTime,
      });
      expect(userToken).toEqual({
        key: expect.stringMatching(UUID),
        note: null,
        scopes: ["account:read", "account:write", "tokens:manage"],
        enabled: true,
        version: 0,
        current: true,
        creationTime: user.creationTime,
        expirationTime: new Date(Date.parse(user.creationTime) + 30 * DAY_MS).toISOString(),
        lastUsageTime: null,
      });
      expect(Math.abs(Date.parse(user.creationTime) - Date.now())).toBeLessThan(60_000);
      expect(answer.headers.get("set-cookie")).toBeNull();
      expect(await rowsOf(username)).toEqual(ONE_OF_EACH);
    });

    it("answers a user token and a privilege token that say the same of the account, and work at once", async () => {
      const { token, privilege, user, userToken } = (await register({})).data.register;
      const exp = Math.floor(Date.parse(userToken.expirationTime) / 1000);
      expect(decodeProtectedHeader(token)).toMatchObject({ alg: "ES256", typ: "user+jwt" });
      expect(decodeJwt(token)).toEqual({
        iss: "http://localhost:4000",
        aud: "http://localhost:4000",
        sub: user.id,
        sid: userToken.key,
        ver: 0,
        iat: expect.any(Number),
        exp,
      });
      expect(decodeJwt(privilege)).toMatchObject({
        aud: "supergraph",
        sub: user.id,
        sid: userToken.key,
        role: "viewer",
        privilegeLevel: 0,
        scope: "account:read account:write tokens:manage",
        username: user.username,
      });
      expect(await tokenStatusOf(setup.graphql, bearer(token))).toBe("ok");
      expect(await tokenStatusOf(setup.graphql, bearer(privilege))).toBe("ok");
    });

    it("keeps every value as it was written, but for surrounding spaces and the spelling of the locale", async () => {
      const username = uniqueName("Zo\u00eb \u5f20 \u{1f600}");
      const email = `${uniqueName("Mail")}@Example.org`;
      const answer = await register({
        username: ` ${username} `,
        email: ` ${email}`,
        phone: "+49 (30) 555-01 ",
        locale: "pt-br",
      });
      expect(answer.data.register.user).toMatchObject({
        username,
        email,
        phone: "+49 (30) 555-01",
        locale: "pt-BR",
      });
    });

    it("takes null for every value that may be left out", async () => {
      const answer = await register({ email: null, phone: null, locale: null, session: null });
      expect(answer.data.register.user).toMatchObject({ email: null, phone: null, locale: "en" });
    });

    it("sets a session cookie that signs in, if asked to", async () => {
      const answer = await register({ session: true });
      const [cookie = "", ...attributes] = (answer.headers.get("set-cookie") ?? "").split("; ");
      expect(attributes).toContain("HttpOnly");
      expect(await tokenStatusOf(setup.graphql, { cookie })).toBe("ok");
    });

    it.each([
      ["256 characters", "k7#Qz!m ".repeat(32)],
      [
        "64 characters of four bytes",
        Array.from({ length: 64 }, (_, i) => String.fromCodePoint(0x20000 + i * 7)).join(""),
      ],
      ["spaces around it", "  k7#Qz!m  "],
    ])("takes a password of %s, and all of it counts", async (_what, password) => {
      const { username, id } = await registerUser(setup.graphql, { password });
      expect((await loginUser(setup.graphql, { userid: username, password })).id).toBe(id);
      const shorter = [...password].slice(0, -1).join("");
      const query = "mutation ($input: LoginInput) { login(input: $input) { token } }";
      const refused = await send(setup.graphql, query, { input: { userid: username, password: shorter } });
      expect(refused.reason).toBe("BAD_LOGIN");
    });

    it.each([
      "role",
      "privilegeLevel",
      "enabled",
      "id",
      "passwordHash",
      "scopes",
      "creationTime",
      "__proto__",
    ])("takes no %s from a visitor, and writes nothing of such an attempt", async (field) => {
      const values: Record<string, [unknown, string]> = {
        role: ["ROOT", "ROOT"],
        privilegeLevel: [3, "3"],
        enabled: [true, "true"],
        scopes: [["keys:manage"], '["keys:manage"]'],
        __proto__: [{ role: "ROOT" }, '{role: "ROOT"}'],
      };
      const [value, literal] = Object.hasOwn(values, field) ? values[field]! : ["x", '"x"'];
      const username = uniqueName();
      const input = Object.defineProperty({ username, password: PASSWORD }, field, {
        value,
        enumerable: true,
      });
      const byVariable = await send(setup.graphql, REGISTER, { input });
      expect([byVariable.status, byVariable.data]).toEqual([400, undefined]);
      expect(byVariable.code).toMatch(/^BAD_(USER_INPUT|REQUEST)$/);
      const query = `mutation { register(input: {username: "${username}", password: "${PASSWORD}", ${field}: ${literal}}) { token } }`;
      const byLiteral = await send(setup.graphql, query);
      expect([byLiteral.status, byLiteral.code]).toEqual([400, "GRAPHQL_VALIDATION_FAILED"]);
      expect(await rowsOf(username)).toEqual(NOTHING);
    });

    it.each([
      ["case", "Stra\u00dfe-Zo\u00eb", "sTRA\u00dfE-ZO\u00cb"],
      ["NFC and NFD", "Zo\u00eb-nfc", "Zoe\u0308-nfc"],
      ["full-width letters", "wide-ann", "\uff57\uff49\uff44\uff45\uff0d\uff21\uff4e\uff4e"],
      ["compatibility letters", "o\ufb03ce \u2460", "office 1"],
      ["\u00df, SS and \u1e9e", "gr\u00fc\u00dfe", "GR\u00dcSSE"],
      ["capital \u1e9e", "spa\u00df", "SPA\u1e9e"],
      ["surrounding spaces", "spaced", " \u00a0spaced\u3000"],
      ["the width of spaces within", "john smith", "john \u2003 smith"],
    ])("knows a twin by %s", async (_what, first, twin) => {
      await registerUser(setup.graphql, { username: first });
      const answer = await register({ username: twin });
      expect([answer.status, answer.code, answer.fields]).toEqual([
        200,
        "CONFLICT",
        ["input.username:TAKEN"],
      ]);
    });

    it("takes names apart that differ", async () => {
      for (const username of ["jose-apart", "jos\u00e9-apart", "jose apart", "joseapart", "jose.apart"]) {
        expect((await register({ username })).code).toBeUndefined();
      }
    });

    it("lets no name of one kind shadow another account's of another kind", async () => {
      const ann = await registerUser(setup.graphql, {
        email: "Shadow.Ann@example.org",
        phone: "+49 (30) 777-0001",
      });
      await registerUser(setup.graphql, { username: "shadow.bob@example.org" });
      await registerUser(setup.graphql, { username: "0307770002" });
      const taken = async (input: Record<string, unknown>) => {
        const answer = await register(input);
        return [answer.code, ...answer.fields];
      };
      expect(await taken({ username: "shadow.ann@EXAMPLE.org" })).toEqual([
        "CONFLICT",
        "input.username:TAKEN",
      ]);
      expect(await taken({ username: "+49307770001" })).toEqual(["CONFLICT", "input.username:TAKEN"]);
      expect(await taken({ username: "+49/30/777.0001" })).toEqual(["CONFLICT", "input.username:TAKEN"]);
      expect(await taken({ email: "Shadow.Bob@example.org" })).toEqual(["CONFLICT", "input.email:TAKEN"]);
      expect(await taken({ phone: "030/777 00 02" })).toEqual(["CONFLICT", "input.phone:TAKEN"]);
      const all = { username: ann.username, email: "shadow.bob@example.org", phone: "+49307770001" };
      expect(await taken(all)).toEqual([
        "CONFLICT",
        "input.username:TAKEN",
        "input.email:TAKEN",
        "input.phone:TAKEN",
      ]);
    });

    it("writes nothing of an account of which one name is taken", async () => {
      await registerUser(setup.graphql, { email: "taken@example.org" });
      const username = uniqueName();
      expect((await register({ username, email: "taken@example.org" })).code).toBe("CONFLICT");
      expect(await rowsOf(username)).toEqual(NOTHING);
      expect((await register({ username })).code).toBeUndefined();
    });

    it("lets an account use its own e-mail address or number as its username", async () => {
      const byMail = await registerUser(setup.graphql, {
        username: "Self@example.org",
        email: "self@Example.org",
      });
      const byPhone = await registerUser(setup.graphql, { username: "0800-900-900", phone: "0800 900 900" });
      expect((await loginUser(setup.graphql, { userid: "SELF@example.org", password: PASSWORD })).id).toBe(
        byMail.id,
      );
      expect((await loginUser(setup.graphql, { userid: "0800900900", password: PASSWORD })).id).toBe(
        byPhone.id,
      );
      expect(await count("user_identifier WHERE userId IN (?, ?)", [byMail.id, byPhone.id])).toBe(2);
    });

    /** Repeats what a busy machine answers 503, as clients do: only what the gateway decides is under test. */
    const registerWhenServed: typeof register = async (input) => {
      for (;;) {
        const answer = await register(input);
        if (answer.code !== "SERVICE_UNAVAILABLE") return answer;
      }
    };

    it("makes one account of twenty concurrent registrations of a name, and leaves nothing of the others", async () => {
      const username = uniqueName("Rush");
      const spellings = [username, username.toUpperCase(), username.toLowerCase(), ` ${username}`];
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) => registerWhenServed({ username: spellings[index % 4] })),
      );
      const outcomes = answers.map(({ code, fields }) => [code ?? "won", ...fields].join(" ")).sort();
      expect(outcomes).toEqual([...Array<string>(19).fill("CONFLICT input.username:TAKEN"), "won"]);
      const [winner] = answers.flatMap(({ data }) => data?.register ?? []);
      expect(await count("user_identifier WHERE value = ?", [username.toLowerCase()])).toBe(1);
      expect(await count("`user` WHERE LOWER(username) = ?", [username.toLowerCase()])).toBe(1);
      expect(await count("user_token WHERE userId = ?", [winner.user.id])).toBe(1);
      expect(await count("user_token WHERE userId NOT IN (SELECT id FROM `user`)", [])).toBe(0);
      expect(await count("`user` WHERE id NOT IN (SELECT userId FROM user_identifier)", [])).toBe(0);
      expect(await tokenStatusOf(setup.graphql, bearer(winner.token))).toBe("ok");
    });

    it("makes one account of concurrent registrations that claim two names in opposite order", async () => {
      const [one, other] = [`${uniqueName()}@example.org`, `${uniqueName()}@example.org`];
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          registerWhenServed(index % 2 ? { username: one, email: other } : { username: other, email: one }),
        ),
      );
      const outcomes = answers.map(({ code }) => code ?? "won").sort();
      expect(outcomes).toEqual([...Array<string>(11).fill("CONFLICT"), "won"]);
      expect(await count("user_identifier WHERE value IN (?, ?)", [one, other])).toBe(2);
      expect(await count("`user` WHERE username IN (?, ?)", [one, other])).toBe(1);
    });

    it("pays no heed to one bad or other credential beside it, and refuses two", async () => {
      const { token } = await registerUser(setup.graphql);
      for (const headers of [
        bearer("not.a.token"),
        { authorization: "Basic !" },
        basic("x", "y"),
        bearer(token),
      ]) {
        expect((await register({}, headers)).data?.register.userToken.current).toBe(true);
      }
      const username = uniqueName();
      const answer = await register({ username }, { ...bearer(token), "x-auth-token": token });
      expect([answer.status, answer.code]).toEqual([400, "BAD_REQUEST"]);
      expect(await rowsOf(username)).toEqual(NOTHING);
    });
  },
  { LOG_LEVEL: "debug" },
);
