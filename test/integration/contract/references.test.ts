import { readFileSync } from "node:fs";
import { buildSchema, isNonNullType, isObjectType } from "graphql";
import {
  bearer,
  loginUser,
  PASSWORD,
  registerUser,
  send,
  uniqueName,
  type SignedIn,
} from "../../support/client.js";
import type { TestDatabase } from "../../support/databases.js";
import { referenceTo, resolveReferences } from "../../support/references.js";
import { onEachGateway } from "../../support/with-gateway.js";

const USER = buildSchema(readFileSync("schema.graphql", "utf8")).getType("User");
const FIELDS = isObjectType(USER) ? Object.values(USER.getFields()) : [];
const ALL = FIELDS.map(({ name }) => name).join(" ");
/** Everything of an account that is its owner's business. A field that is added is private until this test says not. */
const PRIVATE = FIELDS.filter(({ name }) => !["id", "username"].includes(name));
const NOBODY = "00000000-0000-4000-8000-000000000000";

/** Statements that looked accounts up in a database of MySQL, which counts them by their shape. */
async function countLookUps(database: TestDatabase): Promise<number> {
  const [row] = await database.query(
    `SELECT COALESCE(SUM(COUNT_STAR), 0) AS lookUps FROM performance_schema.events_statements_summary_by_digest
     WHERE SCHEMA_NAME = DATABASE() AND DIGEST_TEXT LIKE 'SELECT %FROM \`user\` \`User\` WHERE%'`,
  );
  return Number(row?.lookUps);
}

onEachGateway(
  "references to accounts",
  (setup) => {
    let ann: SignedIn;
    let bob: SignedIn;

    beforeAll(async () => {
      ann = await registerUser(setup.graphql, {
        email: "ann@example.org",
        phone: "+49 30 1234567",
        locale: "de",
      });
      bob = await registerUser(setup.graphql);
    });

    const resolve = (ids: readonly unknown[], headers: Record<string, string> = {}, fields?: string) =>
      resolveReferences(setup.graphql, ids.map(referenceTo), headers, fields);

    const setUser = (id: string, column: string, value: string | number) =>
      setup.database.query(`UPDATE \`user\` SET ${column} = ? WHERE id = ?`, [value, id]);

    /** A token whose scopes are asked for while its owner is an administrator. */
    const adminToken = async (scopes?: string[]): Promise<SignedIn> => {
      const { id, username } = await registerUser(setup.graphql);
      await setUser(id, "role", "admin");
      return loginUser(setup.graphql, { userid: username, password: PASSWORD, scopes });
    };

    const privilegeFor = async (audience: string, { token }: SignedIn): Promise<string> => {
      const query = "query ($audience: String) { privilegeToken(audience: $audience) { privilege } }";
      return (await send(setup.graphql, query, { audience }, bearer(token))).data.privilegeToken.privilege;
    };

    /** Nothing of an account's private values stands anywhere in an answer. */
    const expectNothingPrivate = async ({ text }: { text: string }, { id }: SignedIn) => {
      const [row] = await setup.database.query("SELECT * FROM `user` WHERE id = ?", [id]);
      for (const name of ["email", "phone", "passwordHash"]) {
        if (row?.[name] != null) expect(text).not.toContain(row[name]);
      }
      for (const name of ["creationTime", "lastLoginTime"]) {
        expect(text).not.toContain(new Date(Number(row?.[name])).toISOString());
      }
      expect(text).not.toMatch(/VIEWER|USER"|ADMIN|ROOT/);
    };

    it("are the whole account to its owner, by a user token and by its privilege token alike", async () => {
      const me = await send(setup.graphql, `{ me { ${ALL} } }`, {}, bearer(ann.token));
      for (const credential of [ann.token, ann.privilege]) {
        const { status, data, errors } = await resolve([ann.id], bearer(credential), ALL);
        expect([status, errors, data._entities]).toEqual([200, [], [me.data.me]]);
      }
    });

    it("are refused without a credential, in the same words whether or not there is such an account", async () => {
      const known = await resolve([ann.id, bob.id], {}, ALL);
      expect([known.status, known.data, known.code, known.reason]).toEqual([
        200,
        null,
        "UNAUTHENTICATED",
        "NO_CREDENTIAL",
      ]);
      expect((await resolve([NOBODY, NOBODY], {}, ALL)).text).toBe(known.text);
      expect(known.text).not.toContain(ann.username);
      await expectNothingPrivate(known, ann);
    });

    it("are refused with the reason of a credential that is refused", async () => {
      const revoked = await registerUser(setup.graphql);
      await send(setup.graphql, "mutation { logout { success } }", {}, bearer(revoked.token));
      for (const [credential, reason] of [
        ["not-a-token", "INVALID_CREDENTIAL"],
        [revoked.token, "TOKEN_REVOKED"],
        [revoked.privilege, "TOKEN_REVOKED"],
        [await privilegeFor("reports", bob), "INVALID_CREDENTIAL"],
      ] as const) {
        const answer = await resolve([ann.id, bob.id, revoked.id], bearer(credential));
        expect([answer.data, answer.code, answer.reason]).toEqual([null, "UNAUTHENTICATED", reason]);
      }
    });

    it("are an id and a username to everybody else who is signed in", async () => {
      for (const credential of [bob.token, bob.privilege]) {
        const { data, errors } = await resolve([ann.id], bearer(credential), "__typename id username");
        expect(errors).toEqual([]);
        expect(data._entities).toEqual([{ __typename: "User", id: ann.id, username: ann.username }]);
      }
    });

    it.each(PRIVATE.map((field) => [field.name, field] as const))(
      "never tell another one's %s",
      async (name, field) => {
        for (const credential of [bob.token, bob.privilege]) {
          const answer = await resolve([ann.id, bob.id], bearer(credential), `id ${name}`);
          expect(answer.errors).toEqual([
            expect.objectContaining({ path: ["_entities", 0, name], extensions: { code: "FORBIDDEN" } }),
          ]);
          const hidden = isNonNullType(field.type) ? null : { id: ann.id, [name]: null };
          expect(answer.data._entities[0]).toEqual(hidden);
          expect(answer.data._entities[1]).toHaveProperty(name);
          const others = { text: JSON.stringify(answer.data._entities[0]) };
          await expectNothingPrivate(others, ann);
        }
      },
    );

    it("are whole accounts to a token with users:read, and only while the role still allows it", async () => {
      const admin = await adminToken();
      const fields = "id username email phone locale role enabled";
      const read = () => resolve([ann.id, bob.id, admin.id], bearer(admin.token), fields);
      const { data, errors } = await read();
      expect(errors).toEqual([]);
      expect(data._entities).toMatchObject([
        {
          id: ann.id,
          email: "ann@example.org",
          phone: "+49 30 1234567",
          locale: "de",
          role: "VIEWER",
          enabled: true,
        },
        { id: bob.id, email: null, role: "VIEWER" },
        { id: admin.id, role: "ADMIN" },
      ]);
      await setUser(admin.id, "role", "user");
      const demoted = await read();
      expect(demoted.data._entities).toEqual([null, null, expect.objectContaining({ role: "USER" })]);
      expect(new Set(demoted.errors.map(({ extensions }) => extensions.code))).toEqual(
        new Set(["FORBIDDEN"]),
      );
    });

    it("are no more than names to an administrator's token without users:read, and to a privilege token", async () => {
      const narrow = await adminToken(["account:read"]);
      const { privilege } = await adminToken();
      for (const credential of [narrow.token, privilege]) {
        const answer = await resolve([ann.id], bearer(credential), "id username email");
        expect(answer.data._entities).toEqual([{ id: ann.id, username: ann.username, email: null }]);
        expect(answer.code).toBe("FORBIDDEN");
        await expectNothingPrivate(answer, ann);
      }
    });

    it("keep the order asked for, with doubles, and null for what is no account's id", async () => {
      // As they are stored, or not at all: some databases compare without case, and without spaces at the end.
      const near = [
        ann.id.toUpperCase(),
        `${ann.id} `,
        ` ${ann.id}`,
        `{${ann.id}}`,
        ann.id.slice(0, -1),
        "%",
        "",
        "me",
      ];
      const ids = [bob.id, NOBODY, ann.id, ann.id, ...near, bob.id, ann.id];
      const { data, errors } = await resolve(ids, bearer(ann.token));
      expect(errors).toEqual([]);
      const [a, b] = [ann, bob].map(({ id, username }) => ({ id, username }));
      expect(data._entities).toEqual([b, null, a, a, ...near.map(() => null), b, a]);
    });

    it("tell nobody that an account is disabled, but those who may read all of it", async () => {
      const gone = await registerUser(setup.graphql);
      await setUser(gone.id, "enabled", 0);
      const asMember = await resolve([gone.id], bearer(bob.token));
      expect([asMember.errors, asMember.data._entities]).toEqual([
        [],
        [{ id: gone.id, username: gone.username }],
      ]);
      const admin = await adminToken();
      const asAdmin = await resolve([gone.id], bearer(admin.token), "id enabled");
      expect(asAdmin.data._entities).toEqual([{ id: gone.id, enabled: false }]);
      expect((await resolve([gone.id], bearer(gone.token))).reason).toBe("TOKEN_REVOKED");
    });

    it("do not tell a username by which its owner could be reached", async () => {
      const tag = uniqueName().replace(/\D/g, "");
      for (const username of [`c${tag}@example.org`, `+49 30 ${tag}`.slice(0, 16)]) {
        const contact = await registerUser(setup.graphql, { username });
        const own = await resolve([contact.id], bearer(contact.token));
        expect(own.data._entities).toEqual([{ id: contact.id, username }]);
        const answer = await resolve([contact.id, ann.id], bearer(bob.token));
        expect(answer.errors).toMatchObject([
          { path: ["_entities", 0, "username"], extensions: { code: "FORBIDDEN" } },
        ]);
        expect(answer.data._entities).toEqual([null, { id: ann.id, username: ann.username }]);
        expect(answer.text).not.toContain(username);
      }
    });

    it("are many in one answer, each in its place", async () => {
      const members: SignedIn[] = [];
      while (members.length < 5) members.push(await registerUser(setup.graphql));
      const ids = Array.from({ length: 600 }, (_, i) => (i % 7 === 0 ? NOBODY : members[i % 5]!.id));
      const { data, errors } = await resolve(ids, bearer(bob.token));
      expect(errors).toEqual([]);
      const names = new Map(members.map(({ id, username }) => [id, { id, username }]));
      expect(data._entities).toEqual(ids.map((id) => names.get(id) ?? null));
    });

    it("are looked up by one statement, however many there are", async () => {
      if (setup.database.kind !== "mysql") return;
      const ids = [
        ann.id,
        bob.id,
        ...Array.from({ length: 500 }, (_, i) => NOBODY.replace("0000-4", `${1000 + i}-4`)),
      ];
      const before = await countLookUps(setup.database);
      expect((await resolve(ids, bearer(ann.token))).data._entities).toHaveLength(502);
      expect((await countLookUps(setup.database)) - before).toBe(1);
      await resolve([ann.id, "x"], bearer(ann.token));
      expect((await countLookUps(setup.database)) - before).toBe(1);
    });

    it("change nothing, and leave no credential or private value in the log", async () => {
      const before = await setup.database.query("SELECT * FROM `user` ORDER BY id");
      await resolve([ann.id, bob.id], bearer(bob.token), ALL);
      expect(await setup.database.query("SELECT * FROM `user` ORDER BY id")).toEqual(before);
      for (const secret of [ann.token, bob.token, bob.privilege, "ann@example.org"]) {
        expect(setup.gateway.output.log).not.toContain(secret);
      }
    });
  },
  { PRIVILEGE_AUDIENCES: "supergraph,reports" },
);
