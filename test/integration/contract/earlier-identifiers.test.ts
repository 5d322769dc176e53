import { PASSWORD, registerUser, send, uniqueName } from "../../support/client.js";
import { onEachDatabase, type TestDatabase } from "../../support/databases.js";
import { startGateway, type RunningGateway } from "../../support/gateway.js";

const LOGIN = "mutation ($input: LoginInput) { login(input: $input) { user { id } } }";
const REGISTER = "mutation ($input: RegisterInput!) { register(input: $input) { token } }";
const MIGRATION = "IdentifierForms1790000000050";
const UNICODE = "m\u00fcnchen.example";
const ASCII = "xn--mnchen-3ya.example";
const ARABIC_NUMBER = "\u0660\u0663\u0660\u0667\u0667\u0667\u0660\u0660\u0660\u0661";

/** Rows as an earlier version wrote them, which kept these spellings apart, and a gateway that is started over them. */
onEachDatabase("identifiers that an earlier version stored", (create) => {
  let database: TestDatabase;
  let gateway: RunningGateway;
  /** User ids by the identifier that was stored. */
  const owners = new Map<string, string>();
  const STORED = [
    `one@${UNICODE}`,
    `two@${ASCII}`,
    `pair@${UNICODE}`,
    `pair@${ASCII}`,
    "dot@\u5f20\u3002example.org",
    ARABIC_NUMBER,
    "030\u20107770002",
    "0307770003",
    "030\u20107770003",
  ];

  beforeAll(async () => {
    database = await create();
    const before = await startGateway({ DATABASE_URL: database.url });
    for (const value of STORED) {
      const { id, username } = await registerUser(before.graphql);
      owners.set(value, id);
      await database.query("UPDATE user_identifier SET value = ? WHERE value = ?", [value, username]);
    }
    await before.stop();
    await database.query("DELETE FROM migration WHERE name = ?", [MIGRATION]);
    gateway = await startGateway({ DATABASE_URL: database.url });
  });

  afterAll(async () => {
    await gateway.stop();
    await database.drop();
  });

  const idOf = async (userid: string): Promise<string> => {
    const input = { userid, password: PASSWORD };
    const { data, reason } = await send(gateway.graphql, LOGIN, { input });
    return data?.login?.user.id ?? reason;
  };

  const taken = async (names: Record<string, string>) => {
    const input = { username: uniqueName(), password: PASSWORD, ...names };
    return (await send(gateway.graphql, REGISTER, { input })).fields;
  };

  it("sign in by the spelling that was stored, each its own account", async () => {
    for (const value of STORED) expect([value, await idOf(value)]).toEqual([value, owners.get(value)]);
  });

  it.each([
    [`one@${ASCII}`, `one@${UNICODE}`],
    [`ONE@${ASCII}`, `one@${UNICODE}`],
    [`two@${UNICODE}`, `two@${ASCII}`],
    [`Two@M\u00dcNCHEN.example`, `two@${ASCII}`],
    ["dot@xn--e1t.example.org", "dot@\u5f20\u3002example.org"],
    ["0307770001", ARABIC_NUMBER],
    ["030 777 0002", "030\u20107770002"],
  ])("sign in by any other spelling too: %s", async (typed, stored) => {
    expect(await idOf(typed)).toBe(owners.get(stored));
  });

  it("lock nobody out where both spellings had an account: each keeps its own", async () => {
    expect(await idOf(`PAIR@${UNICODE}`)).toBe(owners.get(`pair@${UNICODE}`));
    expect(await idOf(`PAIR@${ASCII.toUpperCase()}`)).toBe(owners.get(`pair@${ASCII}`));
    expect(await idOf("(030) 777-0003")).toBe(owners.get("0307770003"));
  });

  it.each([
    ["email", `one@${ASCII}`],
    ["email", `two@${UNICODE}`],
    ["email", `pair@${UNICODE}`],
    ["email", `pair@${ASCII}`],
    ["email", "dot@\u5f20.example.org"],
    ["phone", "0307770001"],
    ["phone", "0307770002"],
    ["username", ARABIC_NUMBER],
  ])("are taken for everybody else, in every spelling: %s %s", async (kind, value) => {
    expect(await taken({ [kind]: value })).toEqual([`input.${kind}:TAKEN`]);
  });

  it("are changed no more by the next start", async () => {
    const rows = () => database.query("SELECT value, userId FROM user_identifier ORDER BY value");
    const before = await rows();
    await database.query("DELETE FROM migration WHERE name = ?", [MIGRATION]);
    const next = await startGateway({ DATABASE_URL: database.url });
    await next.stop();
    expect(await rows()).toEqual(before);
  });
});
