import { basic, bearer, PASSWORD, registerUser, send, uniqueName } from "../../support/client.js";
import { claimsOf } from "../../support/token-calls.js";
import { call, jwt, xAccess } from "../../support/rest/call.js";
import {
  LOGIN,
  CTOREGISTRY_LOGIN,
  CTOREGISTRY_PRIVILEGE,
  WEBITEL_LOGIN,
  USERID_JWT_REGISTER,
  USERID_JWT_TOKEN,
} from "../../support/rest/token-uses.js";
import { onEachGateway } from "../../support/with-gateway.js";
import { USERID_JWT_ERROR } from "../../support/rest/shapes.js";

/** Each role as webitel, and as userid-jwt, writes it. */
const ROLES = [
  ["root", 0, 3],
  ["admin", 1, 2],
  ["user", 2, 1],
  ["viewer", 2, 0],
] as const;

/** Names, roles and passwords: the same through every route. */
onEachGateway("accounts at all dialects", (setup) => {
  const register = (body: Record<string, unknown>) =>
    call(setup.url, USERID_JWT_REGISTER, {}, { password: PASSWORD, ...body });

  /** The account that a name signs in to, through each route that takes one. */
  const foundBy = async (name: string): Promise<(string | number)[]> => {
    const byName = { username: name, password: PASSWORD };
    const byId = { userid: name, password: PASSWORD };
    const answers = await Promise.all([
      call(setup.url, CTOREGISTRY_LOGIN, {}, byName),
      call(setup.url, LOGIN, basic(name, PASSWORD)),
      call(setup.url, WEBITEL_LOGIN, {}, byName),
      call(setup.url, LOGIN, {}, byId),
      call(setup.url, USERID_JWT_TOKEN, {}, byId),
    ]);
    return answers.map(({ status, body }) => {
      const token: string | undefined = body.token ?? body.userinfo?.token;
      return token === undefined ? status : String(claimsOf(token).sub);
    });
  };

  it("a username may look like an e-mail address", async () => {
    const username = `100${uniqueName()}@mydomain.com`;
    const { status, body } = await register({ username });
    expect([status, body.username, body.email]).toEqual([200, username, undefined]);
    expect(await foundBy(username)).toEqual(Array(5).fill(body.uid));
  });

  it("userid accepts username, e-mail or phone", async () => {
    const names = {
      username: uniqueName(),
      email: `${uniqueName()}@mail.example`,
      phone: "+1 (555) 010-0001",
    };
    const { body } = await register(names);
    for (const name of Object.values(names)) expect(await foundBy(name)).toEqual(Array(5).fill(body.uid));
  });

  it("nobody can register a name that is someone's of any kind", async () => {
    const email = `${uniqueName()}@mail.example`;
    const lookalike = `${uniqueName()}@mail.example`;
    const number = "+15550100003";
    const first = { username: uniqueName(), email, phone: "+1 (555) 010-0002" };
    for (const taken of [first, { username: lookalike }, { username: number }])
      expect((await register(taken)).status).toBe(200);
    for (const twin of [
      { username: first.username },
      { username: email },
      { username: "+15550100002" },
      { username: uniqueName(), email },
      { username: uniqueName(), email: lookalike },
      { username: uniqueName(), phone: "+1-555-010-0002" },
      { username: uniqueName(), phone: number },
    ]) {
      const { status, body } = await register(twin);
      expect([twin, status, body]).toEqual([twin, 409, USERID_JWT_ERROR]);
    }
    // One's own names may well be the same.
    const same = `${uniqueName()}@mail.example`;
    expect((await register({ username: same, email: same })).status).toBe(200);
  });

  it("usernames are compared in NFKC and without regard to case, and shown as given", async () => {
    const username = uniqueName("Zoë.Große\uff21");
    const { body } = await register({ username });
    expect(body.username).toBe(username);
    for (const other of [
      username.toUpperCase(),
      username.normalize("NFKD"),
      username.replace("\uff21", "a"),
    ]) {
      const { userinfo } = (await call(setup.url, LOGIN, {}, { userid: other, password: PASSWORD })).body;
      expect([userinfo.uid, userinfo.username]).toEqual([body.uid, username]);
      expect((await register({ username: other })).status).toBe(409);
    }
  });

  it.each([
    ["a colon", "a:b"],
    ["a colon in NFKC", "a\uff1ab"],
    ["a null", "a\u0000b"],
    ["a bell", "a\u0007b"],
    ["a line break", "a\nb"],
    ["a delete", "a\u007fb"],
    ["a control character beyond ASCII", "a\u0085b"],
  ])("a username with %s is refused", async (_what, part) => {
    const { status, body } = await register({ username: `${uniqueName()}${part}` });
    expect([status, body]).toEqual([400, USERID_JWT_ERROR]);
  });

  describe("roles", () => {
    const names = Object.fromEntries(ROLES.map(([role]) => [role, uniqueName(role)]));

    beforeAll(async () => {
      for (const [role] of ROLES) {
        const { id } = await registerUser(setup.graphql, { username: names[role]! });
        await setup.database.query("UPDATE `user` SET role = ? WHERE id = ?", [role, id]);
      }
    });

    it.each(ROLES)(
      "%s is role %d in webitel and privilegeLevel %d in userid-jwt",
      async (role, number, level) => {
        const username = names[role]!;
        const webitel = (await call(setup.url, WEBITEL_LOGIN, {}, { username, password: PASSWORD })).body;
        expect(webitel.role).toBe(number);
        const login = (await call(setup.url, LOGIN, {}, { userid: username, password: PASSWORD })).body
          .userinfo;
        expect([login.role, login.privilegeLevel]).toEqual([role, level]);
        const flat = (await call(setup.url, USERID_JWT_TOKEN, {}, { userid: username, password: PASSWORD }))
          .body;
        expect([flat.role, flat.privilegeLevel]).toEqual([role, level]);
        const { privilege } = (await call(setup.url, CTOREGISTRY_PRIVILEGE, xAccess(webitel.token))).body;
        expect(claimsOf(privilege)).toMatchObject({ role, privilegeLevel: level });
        const me = await send(setup.graphql, "{ me { role privilegeLevel } }", {}, bearer(webitel.token));
        expect(me.data.me).toEqual({ role: role.toUpperCase(), privilegeLevel: level });
      },
    );

    it("a role or level sent by a client is never trusted", async () => {
      const wish = { role: "root", privilegeLevel: 3, scopes: ["keys:manage"], isAdmin: true };
      const registered = (await register({ username: uniqueName(), ...wish })).body;
      expect([registered.role, registered.privilegeLevel]).toEqual(["viewer", 0]);
      const byId = { userid: names.user, password: PASSWORD, ...wish };
      const login = (await call(setup.url, LOGIN, {}, byId)).body.userinfo;
      expect([login.role, login.privilegeLevel]).toEqual(["user", 1]);
      const flat = (await call(setup.url, USERID_JWT_TOKEN, {}, byId)).body;
      expect([flat.role, flat.privilegeLevel]).toEqual(["user", 1]);
      const byName = { username: names.user, password: PASSWORD, ...wish, role: 0 };
      expect((await call(setup.url, WEBITEL_LOGIN, {}, byName)).body.role).toBe(2);
      const { privilege } = (await call(setup.url, CTOREGISTRY_LOGIN, {}, byName)).body;
      expect(claimsOf(privilege)).toMatchObject({ role: "user", privilegeLevel: 1 });
      expect(claimsOf(privilege).scope).not.toContain("keys");
      const noted = await call(setup.url, LOGIN, basic(names.user!, PASSWORD), wish);
      const asked = await send(setup.graphql, "{ me { role } }", {}, jwt(noted.body.token));
      expect(asked.data.me.role).toBe("USER");
    });
  });

  it.each([
    ["too short", "Short-1"],
    ["common", "password123"],
    ["the username", null],
    ["too long", "a long pass ".repeat(30)],
  ])("the password policy is the same through every route: %s", async (_what, weak) => {
    const username = uniqueName("some-long-name-of-mine");
    const password = weak ?? username;
    const rest = await register({ username, password });
    expect([rest.status, rest.body]).toEqual([400, USERID_JWT_ERROR]);
    const query = "mutation ($input: RegisterInput!) { register(input: $input) { token } }";
    const { code, fields } = await send(setup.graphql, query, { input: { username, password } });
    expect([code, fields]).toEqual(["BAD_USER_INPUT", [expect.stringMatching(/^input\.password:/)]]);
    expect((await register({ username })).status).toBe(200);
  });
});
