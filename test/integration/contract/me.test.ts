import {
  basic,
  bearer,
  loginUser,
  PASSWORD,
  registerUser,
  send,
  tokenStatusOf,
  type SignedIn,
} from "../../support/client.js";
import { referenceTo, resolveReferences } from "../../support/references.js";
import { onEachGateway } from "../../support/with-gateway.js";

const ME =
  "{ me { id username email phone locale role privilegeLevel enabled creationTime lastLoginTime __typename } }";
const NEVER = "00000000-0000-4000-8000-000000000000";

/** Everything that a privilege token must not do. */
const GUARDED: Record<string, string> = {
  logout: "mutation { logout { success } }",
  bumpLogin: "mutation { bumpLogin { lastLoginTime } }",
  createUserToken: 'mutation { createUserToken(input: {note: "CI"}) { token } }',
  updateUserToken: `mutation { updateUserToken(key: "${NEVER}", input: {enabled: false}) { key } }`,
  rotateUserToken: "mutation { rotateUserToken { token } }",
  revokeUserToken: `mutation { revokeUserToken(key: "${NEVER}") { key } }`,
  revokeAllUserTokens: "mutation { revokeAllUserTokens(keepCurrent: false) }",
  privilegeToken: "{ privilegeToken { privilege } }",
  userTokens: "{ userTokens { totalCount } }",
};

onEachGateway(
  "me",
  (setup) => {
    const me = (headers: Record<string, string> = {}) => send(setup.graphql, ME, {}, headers);

    const privilegeFor = async (audience: string, { token }: SignedIn): Promise<string> => {
      const query = "query ($audience: String) { privilegeToken(audience: $audience) { privilege } }";
      return (await send(setup.graphql, query, { audience }, bearer(token))).data.privilegeToken.privilege;
    };

    const setToken = (key: string, column: string, value: number) =>
      setup.database.query(`UPDATE user_token SET ${column} = ? WHERE \`key\` = ?`, [value, key]);

    it("is null when no credential is presented", async () => {
      for (const headers of [{}, { authorization: "" }, { cookie: "theme=dark; latchkey_session=" }]) {
        const { status, data, errors } = await me(headers as Record<string, string>);
        expect([status, data, errors]).toEqual([200, { me: null }, []]);
      }
    });

    it("is the whole account of the caller, by a user token and by its privilege token alike", async () => {
      const ann = await registerUser(setup.graphql, {
        email: "ann@example.org",
        phone: "+49 30 1234567",
        locale: "de",
      });
      const answer = await me(bearer(ann.token));
      const now = answer.data.me.creationTime;
      expect(answer.data.me).toEqual({
        __typename: "User",
        id: ann.id,
        username: ann.username,
        email: "ann@example.org",
        phone: "+49 30 1234567",
        locale: "de",
        role: "VIEWER",
        privilegeLevel: 0,
        enabled: true,
        creationTime: now,
        lastLoginTime: now,
      });
      expect((await me(bearer(ann.privilege))).data).toEqual(answer.data);
    });

    it("follows the account's role at once, and knows no way to its password", async () => {
      const { token, id } = await registerUser(setup.graphql);
      for (const [role, level] of [
        ["user", 1],
        ["admin", 2],
        ["root", 3],
      ] as const) {
        await setup.database.query("UPDATE `user` SET role = ? WHERE id = ?", [role, id]);
        expect((await me(bearer(token))).data.me).toMatchObject({
          role: role.toUpperCase(),
          privilegeLevel: level,
        });
      }
      for (const field of ["password", "passwordHash", "tokensValidFrom", "privilegesValidFrom"]) {
        const answer = await send(setup.graphql, `{ me { ${field} } }`, {}, bearer(token));
        expect([answer.status, answer.code]).toEqual([400, "GRAPHQL_VALIDATION_FAILED"]);
      }
    });

    it.each([
      ["INVALID_CREDENTIAL", "text that is no token", () => Promise.resolve(bearer("not-a-token"))],
      ["INVALID_CREDENTIAL", "an unknown scheme", () => Promise.resolve({ authorization: "Digest x" })],
      [
        "INVALID_CREDENTIAL",
        "a user and a password, which only sign in",
        async () => basic((await registerUser(setup.graphql)).username, PASSWORD),
      ],
      ["INVALID_CREDENTIAL", "a malformed Basic header", () => Promise.resolve({ authorization: "Basic !" })],
      [
        "INVALID_CREDENTIAL",
        "a token with another signature",
        async () => {
          const [one, other] = [await registerUser(setup.graphql), await registerUser(setup.graphql)];
          const [header, claims] = one.token.split(".");
          return bearer(`${header}.${claims}.${other.token.split(".")[2]}`);
        },
      ],
      [
        "TOKEN_EXPIRED",
        "a token whose row has expired",
        async () => {
          const { key, token } = await registerUser(setup.graphql);
          await setToken(key, "expirationTime", 1_000);
          return bearer(token);
        },
      ],
      [
        "TOKEN_DISABLED",
        "a disabled token",
        async () => {
          const { key, token } = await registerUser(setup.graphql);
          await setToken(key, "enabled", 0);
          return bearer(token);
        },
      ],
      [
        "TOKEN_REVOKED",
        "a revoked token",
        async () => {
          const { key, token } = await registerUser(setup.graphql);
          await setToken(key, "revocationTime", 1_000);
          return bearer(token);
        },
      ],
      [
        "TOKEN_REVOKED",
        "a token of another version",
        async () => {
          const { key, token } = await registerUser(setup.graphql);
          await setToken(key, "version", 1);
          return bearer(token);
        },
      ],
      [
        "TOKEN_REVOKED",
        "a token whose row is gone",
        async () => {
          const { key, token } = await registerUser(setup.graphql);
          await setup.database.query("DELETE FROM user_token WHERE `key` = ?", [key]);
          return bearer(token);
        },
      ],
      [
        "TOKEN_REVOKED",
        "a token of a disabled account",
        async () => {
          const { id, token } = await registerUser(setup.graphql);
          await setup.database.query("UPDATE `user` SET enabled = ? WHERE id = ?", [0, id]);
          return bearer(token);
        },
      ],
      [
        "TOKEN_REVOKED",
        "a token older than the account's oldest valid one",
        async () => {
          const { id, token } = await registerUser(setup.graphql);
          await setup.database.query("UPDATE `user` SET tokensValidFrom = creationTime + 1 WHERE id = ?", [
            id,
          ]);
          return bearer(token);
        },
      ],
    ])(
      "is an error with the reason %s for %s",
      async (reason, _what, prepare: () => Promise<Record<string, string>>) => {
        const answer = await me(await prepare());
        expect([answer.status, answer.data]).toEqual([200, { me: null }]);
        expect(answer.errors).toHaveLength(1);
        expect([answer.code, answer.reason]).toEqual(["UNAUTHENTICATED", reason]);
      },
    );

    it("does not fall through from a bad header to a good cookie", async () => {
      const { token } = await registerUser(setup.graphql);
      const cookie = `latchkey_session=${token}`;
      expect(await tokenStatusOf(setup.graphql, { cookie })).toBe("ok");
      expect(await tokenStatusOf(setup.graphql, { cookie, ...bearer("not-a-token") })).toBe(
        "INVALID_CREDENTIAL",
      );
    });

    it("refuses two credentials before execution", async () => {
      const { token } = await registerUser(setup.graphql);
      const answer = await me({ ...bearer(token), "x-auth-token": token });
      expect([answer.status, answer.code]).toEqual([400, "BAD_REQUEST"]);
    });

    it("takes no privilege token for another audience", async () => {
      const ann = await registerUser(setup.graphql);
      expect(await tokenStatusOf(setup.graphql, bearer(await privilegeFor("supergraph", ann)))).toBe("ok");
      expect(await tokenStatusOf(setup.graphql, bearer(await privilegeFor("reports", ann)))).toBe(
        "INVALID_CREDENTIAL",
      );
    });

    it("takes a privilege token only while its user token stands", async () => {
      const ann = await registerUser(setup.graphql);
      expect(await tokenStatusOf(setup.graphql, bearer(ann.privilege))).toBe("ok");
      await send(setup.graphql, "mutation { logout { success } }", {}, bearer(ann.token));
      expect(await tokenStatusOf(setup.graphql, bearer(ann.privilege))).toBe("TOKEN_REVOKED");
    });

    it("knows every operation there is to guard", async () => {
      const ask = "{ __schema { queryType { fields { name } } mutationType { fields { name } } } }";
      const { queryType, mutationType } = (await send(setup.graphql, ask)).data.__schema;
      const fields: string[] = [...queryType.fields, ...mutationType.fields].map(({ name }) => name);
      const open = ["me", "login", "register", "_service", "_entities"];
      expect(Object.keys(GUARDED).sort()).toEqual(fields.filter((field) => !open.includes(field)).sort());
    });

    it("can be asked by reference too, of the privilege token's subject and of no other account", async () => {
      const [ann, bob] = [await registerUser(setup.graphql), await registerUser(setup.graphql)];
      await setup.database.query("UPDATE `user` SET role = ? WHERE id = ?", ["root", ann.id]);
      const { privilege } = await loginUser(setup.graphql, { userid: ann.username, password: PASSWORD });
      const references = [ann, bob].map(({ id }) => referenceTo(id));
      const answer = await resolveReferences(setup.graphql, references, bearer(privilege), "username role");
      expect(answer.data._entities).toEqual([{ username: ann.username, role: "ROOT" }, null]);
      expect(answer.errors).toMatchObject([
        { path: ["_entities", 1, "role"], extensions: { code: "FORBIDDEN" } },
      ]);
    });

    it("is, so asked or so, all that a privilege token can do: it changes nothing and makes no other", async () => {
      const ann = await registerUser(setup.graphql);
      const { token, privilege, key, id } = ann;
      const rows = () =>
        Promise.all([
          setup.database.query("SELECT * FROM user_token WHERE userId = ? ORDER BY `key`", [id]),
          setup.database.query("SELECT * FROM `user` WHERE id = ?", [id]),
        ]);
      const before = JSON.stringify(await rows());
      const tries = Object.values(GUARDED).map((query) => query.replace(NEVER, key));
      for (const query of tries) {
        const answer = await send(setup.graphql, query, {}, bearer(privilege));
        expect([query, answer.code, answer.reason]).toEqual([query, "UNAUTHENTICATED", "INVALID_CREDENTIAL"]);
      }
      // The latest use is written behind; nothing else may differ.
      const after = JSON.stringify(await rows()).replace(/("lastUsageTime":)\d+/, "$1null");
      expect(after).toBe(before);
      expect(await tokenStatusOf(setup.graphql, bearer(token))).toBe("ok");
    });

    it.each(Object.entries(GUARDED))(
      "without a credential, %s answers NO_CREDENTIAL",
      async (_field, query) => {
        const answer = await send(setup.graphql, query);
        expect([answer.status, answer.code, answer.reason]).toEqual([
          200,
          "UNAUTHENTICATED",
          "NO_CREDENTIAL",
        ]);
      },
    );
  },
  { PRIVILEGE_AUDIENCES: "supergraph,reports" },
);
