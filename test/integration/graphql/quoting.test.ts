import { ask, expectRefusal, post } from "../../support/answers.js";
import { withGateway } from "../../support/with-gateway.js";

/** Stands for a password: a name, so that it can also stand where GraphQL wants one. */
const MARKER = "hunter2Zq9";

interface Request {
  query: string;
  variables?: unknown;
  operationName?: unknown;
  extensions?: unknown;
}

const LOGIN = "mutation ($input: LoginInput) { login(input: $input) { token } }";
const TOKENS = "query ($n: Int, $b: Boolean) { userTokens(first: $n, includeEnded: $b) { totalCount } }";
const REVOKE = "mutation ($key: ID!) { revokeUserToken(key: $key) { key } }";
const login = (input: string) => `mutation { login(input: ${input}) { token } }`;
const nest = (value: unknown, depth: number): unknown => (depth === 0 ? value : [nest(value, depth - 1)]);

const VARIABLES: [string, Request][] = [
  ["a list for a string", { query: LOGIN, variables: { input: { password: [MARKER] } } }],
  ["an object for a string", { query: LOGIN, variables: { input: { password: { value: MARKER } } } }],
  ["a string for an input object", { query: LOGIN, variables: { input: MARKER } }],
  [
    "a field that there is not",
    { query: LOGIN, variables: { input: { [MARKER]: MARKER, password: MARKER } } },
  ],
  [
    "a name that looks like a place",
    { query: LOGIN, variables: { input: { [` at "${MARKER}"; `]: MARKER, scopes: 1 } } },
  ],
  ["a string for a date", { query: LOGIN, variables: { input: { expirationTime: MARKER } } }],
  ["an object for a date", { query: LOGIN, variables: { input: { expirationTime: { at: MARKER } } } }],
  ["a string for a flag", { query: LOGIN, variables: { input: { session: MARKER, password: MARKER } } }],
  ["a string for a number", { query: TOKENS, variables: { n: MARKER } }],
  ["a string for a boolean", { query: TOKENS, variables: { b: MARKER } }],
  ["an object for an id", { query: REVOKE, variables: { key: { id: MARKER } } }],
  ["lists within lists", { query: LOGIN, variables: { input: { scopes: nest(MARKER, 50) } } }],
  [
    "a required field left out beside a value",
    {
      query: "mutation ($input: RegisterInput!) { register(input: $input) { token } }",
      variables: { input: { password: MARKER } },
    },
  ],
  [
    "null where a default hid that it is required",
    {
      query: `mutation ($u: String = "x") { register(input: {username: $u, password: "${MARKER}"}) { token } }`,
      variables: { u: null },
    },
  ],
  [
    "a variable that is declared as an object type",
    { query: "query ($a: User) { me { id } }", variables: { a: MARKER } },
  ],
];

const LITERALS: [string, string][] = [
  ["a name for a string", login(`{userid: "ann", password: ${MARKER}}`)],
  ["an object for a string", login(`{password: {${MARKER}: "${MARKER}"}}`)],
  ["a list for a string", login(`{password: ["${MARKER}", 1]}`)],
  ["a string for an input object", login(`"${MARKER}"`)],
  ["a string for a flag", login(`{session: "${MARKER}"}`)],
  ["a name for a flag", login(`{session: ${MARKER}}`)],
  ["a string for a date", login(`{expirationTime: "${MARKER}"}`)],
  ["a name for a date", login(`{expirationTime: ${MARKER}}`)],
  ["a string for a number", `{ userTokens(first: "${MARKER}") { totalCount } }`],
  ["a block string for a number", `{ userTokens(first: """${MARKER}""") { totalCount } }`],
  ["a float for a number", "{ userTokens(first: 4242424242.5) { totalCount } }"],
  ["a number that is too big", "{ userTokens(first: 42424242420) { totalCount } }"],
  ["an object for an id", `mutation { revokeUserToken(key: {a: "${MARKER}"}) { key } }`],
  ["a name for an id", `mutation { revokeUserToken(key: ${MARKER}) { key } }`],
  ["an input field that there is not", login(`{userid: "ann", ${MARKER}: "${MARKER}"}`)],
  [
    "an input field that is given twice",
    login(`{password: "${MARKER}", password: "${MARKER}", ${MARKER}: 1, ${MARKER}: 2}`),
  ],
  ["an argument that there is not", `{ userTokens(${MARKER}: "${MARKER}") { totalCount } }`],
  ["an argument that is given twice", `{ userTokens(${MARKER}: 1, ${MARKER}: 2) { totalCount } }`],
  [
    "a default value of another type",
    `query ($n: Int = "${MARKER}") { userTokens(first: $n) { totalCount } }`,
  ],
  ["a default value of an enum that there is not", `query ($r: Role = ${MARKER}) { me { id } }`],
  ["a string for an enum", `query ($r: Role = "${MARKER}") { me { id } }`],
  ["a directive's argument", `{ me { id @skip(if: "${MARKER}") } }`],
  ["a directive's argument that there is not", `{ me { id @skip(if: true, ${MARKER}: "${MARKER}") } }`],
  ["a directive that there is not", `{ me { id @nothing(a: "${MARKER}") } }`],
  [
    "fields that conflict in their arguments",
    `{ userTokens(after: "${MARKER}") { totalCount } userTokens { totalCount } }`,
  ],
  ["a type definition", `"""${MARKER}""" type ${MARKER} { a(b: String = "${MARKER}"): Int }`],
];

const SYNTAX: [string, string][] = [
  ["a string that does not end", login(`{password: "${MARKER}}`)],
  ["a block string that does not end", login(`{password: """${MARKER}}`)],
  ["a line break in a string", login(`{password: "${MARKER}\n${MARKER}"}`)],
  ["an escape that there is not", login(`{password: "${MARKER}\\q${MARKER}"}`)],
  ["a Unicode escape that there is not", login('{password: "\\uhunter2Zq9"}')],
  ["single quotation marks", login(`{password: '${MARKER}'}`)],
  ["no quotation marks", login(`{password: correct ${MARKER} battery}`)],
  ["quotation marks in the password", login(`{password: "a"${MARKER}"b"}`)],
  ["a number that runs into a name", login("{password: 4242hunter2Zq9}")],
  ["a colon in a bare password", login(`{password: a:${MARKER}}`)],
  ["a brace in a bare password", login(`{password: }${MARKER}{}`)],
  ["a string instead of a document", `"${MARKER}"`],
  ["a name instead of a document", MARKER],
  ["a string behind a document", `{ me { id } } "${MARKER}"`],
  ["a string for a name", `{ me { "${MARKER}" } }`],
  ["a string for a block", `{ me "${MARKER}" }`],
  ["a variable in a constant", `query ($a: Int = $${MARKER}) { me { id } }`],
  ["a missing brace", `{ me { id ${MARKER}: `],
];

const NAMES: [string, Request][] = [
  ["the operation's name", { query: "query A { me { id } }", operationName: MARKER }],
  ["the operation's name, of another type", { query: "query A { me { id } }", operationName: [MARKER] }],
  ["variables of another type", { query: "{ me { id } }", variables: MARKER }],
  ["extensions of another type", { query: "{ me { id } }", extensions: MARKER }],
  ["a query of another type", { query: { definitions: MARKER } as unknown as string }],
];

// The most talkative log there is.
const gateway = withGateway({ LOG_LEVEL: "trace" });

/** A refusal says where and of what kind, and never repeats a value: it may be half a password. */
describe("refusals", () => {
  const refuse = async (request: Request, status = 400) => {
    const answer = await ask(gateway.graphql, post(JSON.stringify(request)));
    const { errors } = JSON.parse(answer.text) as {
      errors: { message: string; extensions: { code: string } }[];
    };
    expectRefusal(answer, status, errors[0]?.extensions.code);
    expect(errors.map(({ extensions }) => extensions.code)).not.toContain("INTERNAL_SERVER_ERROR");
    expect(answer.text).not.toMatch(/hunter2|Zq9|424242/);
    return errors;
  };

  it.each(VARIABLES)("the value of a variable is not repeated: %s", async (what, request) => {
    // This one is found while executing.
    await refuse(request, what.startsWith("null where") ? 200 : 400);
  });

  it.each(LITERALS)("a literal is not repeated: %s", async (_what, query) => {
    const errors = await refuse({ query });
    expect(errors[0]).toHaveProperty("locations.0.line");
  });

  it.each(SYNTAX)("what is around a syntax error is not repeated: %s", async (_what, query) => {
    const errors = await refuse({ query });
    expect(errors).toMatchObject([
      { extensions: { code: "GRAPHQL_PARSE_FAILED" }, locations: [expect.anything()] },
    ]);
  });

  it.each(NAMES)("what stands beside the query is not repeated: %s", async (_what, request) => {
    await refuse(request);
  });

  it("what the client wrote as code is named: fields, types and variables help to mend it", async () => {
    const texts = async (query: string) => (await refuse({ query })).map(({ message }) => message);
    expect(await texts("{ mee { id } }")).toEqual([expect.stringContaining('"mee"')]);
    expect(await texts("{ me { ...F } }")).toEqual([expect.stringContaining('"F"')]);
    expect(await texts("query ($a: Strin) { me { id } }")).toContainEqual(expect.stringContaining('"Strin"'));
    expect(await texts("query ($a: String) { me { id } }")).toEqual([expect.stringContaining('"$a"')]);
    expect(await texts("{ me }")).toEqual([expect.stringContaining('"me"')]);
    expect(await texts("{ userTokens(frist: 1) { totalCount } }")).toEqual([
      expect.stringContaining('"first"'),
    ]);
  });

  it("the fields of a variable that are wrong are named by their place and kind", async () => {
    const fields = async (request: Request) => {
      const [error] = await refuse(request);
      return (error?.extensions as { fields?: { path: string[]; code: string }[] }).fields?.map(
        ({ path, code }) => `${path.join(".")}:${code}`,
      );
    };
    const register = "mutation ($input: RegisterInput!) { register(input: $input) { token } }";
    expect(await fields({ query: LOGIN, variables: { input: { scopes: ["a", 1] } } })).toEqual([
      "input.scopes.1:INVALID_FORMAT",
    ]);
    expect(await fields({ query: register, variables: { input: { username: "a" } } })).toEqual([
      "input.password:REQUIRED",
    ]);
    expect(
      await fields({ query: register, variables: { input: { username: null, password: "a" } } }),
    ).toEqual(["input.username:REQUIRED"]);
    expect(await fields({ query: register })).toEqual(["input:REQUIRED"]);
    expect(await fields({ query: REVOKE, variables: { key: null } })).toEqual(["key:REQUIRED"]);
  });

  it("the log repeats nothing of all this, and none of it is an error of the gateway", () => {
    expect(gateway.output.log).not.toMatch(new RegExp(`${MARKER}|hunter2|424242`));
    expect(gateway.output.log).not.toContain('"level":"error"');
  });
});
