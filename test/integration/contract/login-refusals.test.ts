import {
  base64,
  basic,
  PASSWORD,
  registerUser,
  send,
  type GraphqlAnswer,
  type SignedIn,
} from "../../support/client.js";
import { withGateway } from "../../support/with-gateway.js";

const LOGIN = "mutation ($input: LoginInput) { login(input: $input) { token user { id } } }";
const DAY_MS = 24 * 3_600_000;

/** What is refused before anything is written: one kind of database is enough. */
describe("a login that cannot be accepted", () => {
  const gateway = withGateway({ LOG_LEVEL: "debug" });
  let ann: SignedIn;

  beforeAll(async () => {
    ann = await registerUser(gateway.graphql);
  });

  const login = (
    input: Record<string, unknown> | null,
    headers: Record<string, string> = {},
  ): Promise<GraphqlAnswer> => send(gateway.graphql, LOGIN, { input }, headers);

  const loginAnn = (input: Record<string, unknown> = {}): Promise<GraphqlAnswer> =>
    login({ userid: ann.username, password: PASSWORD, ...input });

  it("refuses a Basic header beside a user or a password, even a matching or a malformed one", async () => {
    const bothWays = async (input: Record<string, unknown>, headers: Record<string, string>) => {
      const { code, fields } = await login(input, headers);
      return [code, ...fields];
    };
    const [userid, password] = ["input.userid:NOT_ALLOWED", "input.password:NOT_ALLOWED"];
    const header = basic(ann.username, PASSWORD);
    expect(await bothWays({ userid: ann.username }, header)).toEqual(["BAD_USER_INPUT", userid]);
    expect(await bothWays({ password: "" }, header)).toEqual(["BAD_USER_INPUT", password]);
    const both = { userid: ann.username, password: PASSWORD };
    expect(await bothWays(both, header)).toEqual(["BAD_USER_INPUT", userid, password]);
    expect(await bothWays(both, { authorization: "Basic !" })).toEqual(["BAD_USER_INPUT", userid, password]);
  });

  it.each([
    ["no Base64", "Basic !!!"],
    ["nothing", "Basic"],
    ["no colon", `Basic ${base64("ann")}`],
    ["no user", `Basic ${base64(`:${PASSWORD}`)}`],
    ["a line break", `Basic ${base64(`ann:${PASSWORD}\n`)}`],
    ["bytes that are no UTF-8", `Basic ${Buffer.from([0x61, 0x3a, 0xff]).toString("base64")}`],
    ["Base64 that is cut short", `Basic ${base64("ann:passwor").replace(/=*$/, "")}`],
  ])("answers BAD_LOGIN to a Basic header of %s", async (_what, authorization) => {
    const answer = await login(null, { authorization });
    expect([answer.status, answer.code, answer.reason]).toEqual([200, "UNAUTHENTICATED", "BAD_LOGIN"]);
  });

  it.each([
    ["null", null, ["userid", "password"]],
    ["an empty input", {}, ["userid", "password"]],
    ["nulls", { userid: null, password: null }, ["userid", "password"]],
    ["a user alone", { userid: "ann" }, ["password"]],
    ["a password alone", { password: PASSWORD }, ["userid"]],
  ])("needs both user and password: %s", async (_what, input, missing) => {
    const answer = await login(input);
    expect([answer.status, answer.code]).toEqual([200, "BAD_USER_INPUT"]);
    expect(answer.fields).toEqual(missing.map((field) => `input.${field}:REQUIRED`));
  });

  it("says nothing of other faults to who has not the password", async () => {
    const answer = await loginAnn({ password: "wrong password", scopes: ["keys:manage"] });
    expect(answer.reason).toBe("BAD_LOGIN");
  });

  it("logs neither the password nor the name that was typed, nor answers them", async () => {
    const typed = { userid: "Sesam9Oeffne-in-the-wrong-box", password: "Sesam9Oeffne" };
    const answers = [
      await login(typed),
      await login(null, basic(typed.userid, typed.password)),
      await login({ ...typed, password: { text: typed.password } }),
      await login({ ...typed, password: [typed.password] }),
      await login({ ...typed, expirationTime: typed.password }),
      await login({ ...typed, [typed.password]: 1 }),
      await login({ ...typed, note: typed.password.repeat(30) }),
      await send(
        gateway.graphql,
        `mutation { login(input: {userid: "x", password: "${typed.password}", note: 1}) { token } }`,
      ),
      await send(gateway.graphql, `mutation { login(input: {password: ${typed.password}}) { token } }`),
    ];
    for (const answer of answers) {
      expect(answer.code).toMatch(/^(UNAUTHENTICATED|BAD_USER_INPUT|GRAPHQL_VALIDATION_FAILED)$/);
      expect(answer.text).not.toContain(typed.password);
    }
    expect(gateway.output.log).toContain("login.failed");
    expect(gateway.output.log + gateway.output.errors).not.toContain(typed.password);
  });

  it.each([
    ["password", 12345],
    ["password", { $ne: "" }],
    ["password", ["a"]],
    ["userid", 1],
    ["userid", { $gt: "" }],
    ["note", 1],
    ["scopes", [1]],
    ["scopes", [null]],
    ["expirationTime", {}],
    ["expirationTime", true],
    ["expirationTime", "tomorrow"],
    ["expirationTime", "2099-02-30T00:00:00Z"],
    ["expirationTime", "2099-01-01"],
    ["clientFingerprint", {}],
    ["session", "yes"],
  ])("refuses a value of the wrong type before anything is done: %s = %j", async (field, value) => {
    const answer = await loginAnn({ [field]: value });
    expect([answer.status, answer.code]).toEqual([400, "BAD_USER_INPUT"]);
    expect(answer.fields).toHaveLength(1);
    expect(answer.fields[0]).toMatch(new RegExp(`^input\\.${field}(\\.0)?:(INVALID_FORMAT|REQUIRED)$`));
  });

  it.each([
    ["userid", "u".repeat(513), "TOO_LONG"],
    ["password", "p".repeat(1_025), "TOO_LONG"],
    ["clientFingerprint", "f".repeat(513), "TOO_LONG"],
    ["note", "n".repeat(256), "TOO_LONG"],
    ["note", "a\u0007b", "INVALID_FORMAT"],
    ["note", "a\nb", "INVALID_FORMAT"],
    ["scopes", Array.from({ length: 51 }, () => "account:read"), "TOO_LONG"],
    ["scopes", ["s".repeat(101)], "TOO_LONG"],
    ["scopes", ["users:manage"], "NOT_ALLOWED"],
    ["scopes", ["account:read", "keys:manage"], "NOT_ALLOWED"],
    ["scopes", ["ACCOUNT:READ"], "NOT_ALLOWED"],
    ["scopes", ["account:read tokens:manage"], "NOT_ALLOWED"],
    ["scopes", [""], "NOT_ALLOWED"],
    ["expirationTime", "1970-01-01T00:00:00Z", "NOT_IN_FUTURE"],
    ["expirationTime", new Date(Date.now()).toISOString(), "NOT_IN_FUTURE"],
    ["expirationTime", "9999-12-31T23:59:59.999Z", "OUT_OF_RANGE"],
    ["expirationTime", new Date(Date.now() + 3_654 * DAY_MS).toISOString(), "OUT_OF_RANGE"],
  ])("refuses a %s out of bounds: %.40j", async (field, value, code) => {
    const answer = await loginAnn({ [field]: value });
    expect([answer.status, answer.code, answer.fields]).toEqual([
      200,
      "BAD_USER_INPUT",
      [`input.${field}:${code}`],
    ]);
  });
});
