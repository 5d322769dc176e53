import { buildClientSchema, getIntrospectionQuery, printSchema, type IntrospectionQuery } from "graphql";
import { sharedGateway } from "../../support/with-gateway.js";
import { bearer, PASSWORD, registerUser, send } from "../../support/client.js";

const times = (count: number, write: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => write(i)).join(" ");

const gateway = sharedGateway();

/** Status and first code; and that nothing of it was executed. */
async function refusalOf(query: string, headers: Record<string, string> = {}) {
  const { status, code, data, headers: answered } = await send(gateway.graphql, query, {}, headers);
  expect(data).toBeUndefined();
  expect(answered.getSetCookie()).toEqual([]);
  return `${status} ${code ?? ""}`;
}

const PARSE = "400 GRAPHQL_PARSE_FAILED";
const VALIDATION = "400 GRAPHQL_VALIDATION_FAILED";

describe("limits of an operation", () => {
  it.each([
    ["more than a thousand tokens", `{ ${"__typename ".repeat(999)} }`, PARSE],
    ["8,000 equal fields", `{ me { ${"id ".repeat(8_000)} } }`, PARSE],
    ["15,000 directives", `{ me { id ${"@a".repeat(15_000)} } }`, PARSE],
    ["400 nested inline fragments", `{ ${"... { ".repeat(400)} __typename ${"} ".repeat(400)} }`, PARSE],
    ["16 aliases", `{ ${times(16, (i) => `a${i}: __typename`)} }`, VALIDATION],
    ["11 root fields", `{ ${"me { id } ".repeat(11)} }`, VALIDATION],
    [
      "three lists",
      times(3, (i) => `a${i}: userTokens { totalCount }`).replace(/^.*$/s, "{ $& }"),
      VALIDATION,
    ],
    ["21 directives", `{ me { ${"id @skip(if: false) ".repeat(21)} } }`, VALIDATION],
    ["a depth of 9", `${"{ me ".repeat(8)}{ id }${" }".repeat(8)}`, VALIDATION],
    ["a fragment that spreads itself", "{ ...A } fragment A on Query { ...A }", VALIDATION],
    [
      "fragments that spread one another",
      "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
      VALIDATION,
    ],
  ])("%s is refused before it is executed", async (_what, query, refusal) => {
    expect(await refusalOf(query)).toBe(refusal);
  });

  it("a fragment that is spread twice on each of 22 levels is refused", async () => {
    const fragments = times(22, (i) => `fragment F${i} on User { ...F${i + 1} ...F${i + 1} }`);
    expect(await refusalOf(`{ me { ...F0 } } ${fragments} fragment F22 on User { id }`)).toBe(VALIDATION);
  });

  it("a document with a thousand faults is told only ten of them", async () => {
    const { errors } = await send(gateway.graphql, `{ me { ${times(400, (i) => `x${i}`)} } }`);
    expect(errors.length).toBeLessThanOrEqual(11);
  });

  it("a variable with a thousand faults is told only ten of them, as a fault of the caller", async () => {
    const login = "mutation ($input: LoginInput) { login(input: $input) { token } }";
    const { status, errors } = await send(gateway.graphql, login, {
      input: { scopes: Array(1_000).fill(1) },
    });
    expect(status).toBe(400);
    expect(errors.length).toBeLessThanOrEqual(11);
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(["BAD_USER_INPUT"]));
  });
});

describe("guessing many passwords in one request", () => {
  it.each([
    ["100 logins under aliases", (login: string) => times(100, (i) => `a${i}: ${login}`)],
    ["100 logins without input", () => times(100, (i) => `a${i}: login { token }`)],
    ["two logins", (login: string) => `a: ${login} b: ${login}`],
    [
      "a login and a registration",
      (login: string) => `${login} register(input: {username: "x", password: "${PASSWORD}"}) { token }`,
    ],
  ])("%s are refused before any is tried", async (_what, write) => {
    const { token, username } = await registerUser(gateway.graphql);
    const login = `login(input: {userid: "${username}", password: "${PASSWORD}", session: true}) { token }`;
    expect(await refusalOf(`mutation { ${write(login)} }`)).toMatch(
      /^400 GRAPHQL_(?:PARSE|VALIDATION)_FAILED$/,
    );
    const { data } = await send(gateway.graphql, "{ userTokens { totalCount } }", {}, bearer(token));
    expect(data.userTokens.totalCount).toBe(1);
  });
});

describe("the explorer", () => {
  it.each([
    ["plain", {}],
    [
      "with all that clients ask for",
      {
        specifiedByUrl: true,
        directiveIsRepeatable: true,
        schemaDescription: true,
        inputValueDeprecation: true,
        oneOf: true,
      },
    ],
  ])("the usual introspection query passes every limit, %s", async (_what, options) => {
    const { status, data } = await send(gateway.graphql, getIntrospectionQuery(options));
    expect(status).toBe(200);
    expect(printSchema(buildClientSchema(data as IntrospectionQuery))).toContain("type UserToken {");
  });

  it("a misspelt name is corrected", async () => {
    const { errors } = await send(gateway.graphql, "{ me { usernam } }");
    expect(errors[0]?.message).toContain("username");
  });
});
