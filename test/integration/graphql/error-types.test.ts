import { readFileSync } from "node:fs";
import BetterSqlite3 from "better-sqlite3";
import {
  buildSchema,
  getNamedType,
  graphql,
  GraphQLEnumType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  type GraphQLNamedType,
} from "graphql";
import {
  ERROR_CODES,
  GRAPHQL_CODES,
  UNAUTHENTICATED_REASONS,
} from "../../../packages/wire/src/error-codes.js";
import { withGateway } from "../../support/with-gateway.js";
import {
  bearer,
  loginUser,
  LOGOUT,
  PASSWORD,
  registerUser,
  send,
  uniqueName,
  type GraphqlError,
  type SignedIn,
} from "../../support/client.js";
import { until } from "../../support/until.js";

const schema = buildSchema(readFileSync("schema.graphql", "utf8"));
const PAGE = readFileSync("docs/graphql.md", "utf8");

/** The values of the enum that a field has, whatever its name. */
function valuesOf(field: GraphQLNamedType | undefined): string[] {
  if (!(field instanceof GraphQLEnumType)) throw new Error("this is no enum");
  return field
    .getValues()
    .map(({ name }) => name)
    .sort();
}

const fieldsOf = (name: string) => (schema.getType(name) as GraphQLObjectType).getFields();
const enumOf = (type: string, field: string) => valuesOf(getNamedType(fieldsOf(type)[field]!.type));

const CODES = enumOf("AuthErrorExtensions", "code");
const REASONS = enumOf("AuthErrorExtensions", "reason");
const FIELD_CODES = enumOf("AuthFieldError", "code");

describe("the lists of codes, reasons and faults in the schema", () => {
  it("are those that the code throws", () => {
    expect(CODES).toEqual([...Object.keys(ERROR_CODES), ...GRAPHQL_CODES].sort());
    expect(REASONS).toEqual(Object.keys(UNAUTHENTICATED_REASONS).sort());
  });

  it("are those of the documentation", () => {
    const [, errors = ""] = PAGE.split("\n## Errors\n");
    const named = (text: string) => [...text.matchAll(/`([A-Z_]{4,})`/g)].map(([, name]) => name);
    const [codes = "", rest = ""] = errors.split("| `reason` |");
    const [reasons = "", faults = ""] = rest.split("The codes of `fields`:");
    expect([...new Set(named(codes))].sort()).toEqual(CODES);
    expect([...new Set(named(reasons))].sort()).toEqual(REASONS);
    expect([...new Set(named(faults.split("\n")[0]!))].sort()).toEqual(FIELD_CODES);
  });

  it("are in the schema though no operation answers them, so that code generators emit them", () => {
    const kinds = ["AuthErrorExtensions", "AuthErrorCode", "UnauthenticatedReason", "AuthFieldErrorCode"];
    expect(kinds.filter((name) => schema.getType(name) === undefined)).toEqual([]);
    const answered = [schema.getQueryType(), schema.getMutationType()].flatMap((root) =>
      Object.values(root?.getFields() ?? {}).map(({ type }) => getNamedType(type).name),
    );
    expect(answered.filter((name) => name.startsWith("AuthError"))).toEqual([]);
  });
});

/** Answers what was met of errors that it is given, read by the types of the schema: another value is a fault. */
async function readByTheSchema(met: readonly GraphqlError[]): Promise<object[]> {
  const type = schema.getType("AuthErrorExtensions") as GraphQLObjectType;
  const query = new GraphQLObjectType({
    name: "Query",
    fields: { all: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(type))) } },
  });
  const source = "{ all { code reason fields { path code message } retryAfter } }";
  const rootValue = { all: met.map(({ extensions }) => extensions) };
  const { data, errors } = await graphql({ schema: new GraphQLSchema({ query }), source, rootValue });
  expect(errors).toBeUndefined();
  return data?.all as object[];
}

describe("what the gateway answers through its port", () => {
  const gateway = withGateway({
    USER_TOKEN_LIMIT: "12",
    PASSWORD_QUEUE: "1",
    THROTTLE: "on",
    THROTTLE_ACCOUNT_FAILURES: "2/1m,100/1d",
    THROTTLE_REGISTRATIONS: "1000/1d",
  });
  let user: SignedIn;
  const met: GraphqlError[] = [];

  beforeAll(async () => {
    user = await registerUser(gateway.graphql);
  });

  const ask = async (query: string, token?: string, variables: object = {}, headers: object = {}) => {
    const credential = { ...(token === undefined ? {} : bearer(token)), ...headers };
    const answer = await send(gateway.graphql, query, { ...variables }, credential);
    met.push(...answer.errors);
    return answer;
  };
  const login = async (more: object = {}, userid = user.username) =>
    loginUser(gateway.graphql, { userid, password: PASSWORD, ...more });
  const register = (input: object) =>
    ask("mutation ($input: RegisterInput!) { register(input: $input) { token } }", undefined, {
      input: { username: uniqueName(), password: PASSWORD, ...input },
    });
  const create = (input: string, token = user.token) =>
    ask(`mutation { createUserToken(input: {${input}}) { token } }`, token);

  it("every reason of a refused credential is met, and no other", async () => {
    const ME = "{ me { id } }";
    await ask("{ privilegeToken { privilege } }");
    await ask(ME, "x.y.z");
    const short = await login({ expirationTime: new Date(Date.now() + 2_500).toISOString() });
    await until(async () => (await send(gateway.graphql, ME, {}, bearer(short.token))).code !== undefined);
    await ask(ME, short.token);
    const disabled = await login();
    const disable = `mutation { updateUserToken(key: "${disabled.key}", input: {enabled: false}) { id } }`;
    await ask(disable, user.token);
    await ask(ME, disabled.token);
    const ended = await login();
    await ask(LOGOUT, ended.token);
    await ask(ME, ended.token);
    await ask(`mutation { login(input: {userid: "${uniqueName()}", password: "wrong"}) { token } }`);
    const reasons = met.map(({ extensions }) => extensions.reason).filter((reason) => reason !== undefined);
    expect([...new Set(reasons)].sort()).toEqual(REASONS);
  });

  it("every fault of a value is met, and no other", async () => {
    await ask("mutation { login { token } }");
    await register({ password: "short" });
    await register({ password: "password" });
    await register({ username: "a:b" });
    await register({ username: user.username });
    await register({ phone: "+49 30 CALL ME" });
    await ask(
      'mutation { login(input: {userid: "ann", password: "wrong", session: true}) { token } }',
      undefined,
      {},
      { "sec-fetch-site": "cross-site", origin: "https://elsewhere.example" },
    );
    await create(`note: "${"x".repeat(256)}"`);
    await create('note: "n", scopes: ["keys:manage"]');
    await create('note: "n", expirationTime: "2001-01-01T00:00:00Z"');
    await ask("{ userTokens(first: 1000) { totalCount } }", user.token);
    for (let made = 0; made < 13; made += 1) await create('note: "n"');
    const faults = met.flatMap(({ extensions }) => extensions.fields ?? []).map(({ code }) => code);
    expect([...new Set(faults)].sort()).toEqual(FIELD_CODES);
  });

  it("every code is met, and no other", async () => {
    await ask("mutation { revokeAllUserTokens }", user.token);
    await ask("{ userTokens { totalCount } }", (await login({ scopes: [] })).token);
    await ask('mutation { revokeUserToken(key: "none") { id } }', user.token);
    await ask("{ me", user.token);
    await ask("{ nothing }", user.token);
    await ask("query A { me { id } } query B { me { id } }", user.token);
    await ask("{ me { id } }", user.token, {}, { "x-auth-token": user.token });
    met.push(...(await persisted(gateway.graphql)));
    await until(async () => {
      const logins = Array.from({ length: 12 }, () =>
        ask("mutation ($input: LoginInput) { login(input: $input) { token } }", undefined, {
          input: { userid: uniqueName(), password: PASSWORD },
        }),
      );
      return (await Promise.all(logins)).some(({ code }) => code === "SERVICE_UNAVAILABLE");
    }, "a full queue");
    const guess = `mutation { login(input: {userid: "${user.username}", password: "wrong"}) { token } }`;
    await until(async () => (await ask(guess)).code === "TOO_MANY_REQUESTS", "a throttled account");
    breakTable(gateway.databaseFile);
    await register({});
    expect([...new Set(met.map(({ extensions }) => extensions.code))].sort()).toEqual(CODES);
  });

  it("all of it is of the types in the schema, and has nothing that they lack", async () => {
    expect(met.length).toBeGreaterThan(30);
    const read = await readByTheSchema(met);
    const known = (value: object) =>
      Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null));
    expect(JSON.parse(JSON.stringify(read.map(known)))).toEqual(met.map(({ extensions }) => extensions));
  });
});

/** Asks as a client that has persisted its query. */
async function persisted(url: string): Promise<GraphqlError[]> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: "0".repeat(64) } } }),
  });
  return ((await response.json()) as { errors: GraphqlError[] }).errors;
}

/** From now on no account can be made: a defect, as the gateway sees it. */
function breakTable(databaseFile: string): void {
  const file = new BetterSqlite3(databaseFile, { timeout: 5_000 });
  file.exec("CREATE TRIGGER fault BEFORE INSERT ON user BEGIN SELECT RAISE(ABORT, 'no such luck'); END");
  file.close();
}
