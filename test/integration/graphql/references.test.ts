import { withGateway } from "../../support/with-gateway.js";
import { bearer, registerUser, send, type SignedIn } from "../../support/client.js";
import { referenceTo, resolveReferences } from "../../support/references.js";

/** Stands for a value that no refusal may repeat. */
const MARKER = "hunter2Zq9";

const gateway = withGateway({ LOG_LEVEL: "trace" });
let ann: SignedIn;

beforeAll(async () => {
  ann = await registerUser(gateway.graphql);
});

const resolve = (representations: unknown, fields?: string) =>
  resolveReferences(gateway.graphql, representations, bearer(ann.token), fields);
const many = (count: number, representation: unknown) => Array.from({ length: count }, () => representation);

describe("what is no reference to an account", () => {
  it.each<[string, unknown, string]>([
    ["a number", 1, "0:INVALID_FORMAT"],
    ["a string", MARKER, "0:INVALID_FORMAT"],
    ["a flag", true, "0:INVALID_FORMAT"],
    ["a list", [MARKER], "0:INVALID_FORMAT"],
    ["an object without anything", {}, "0.__typename:REQUIRED"],
    ["no type", { id: MARKER }, "0.__typename:REQUIRED"],
    ["no type but null", { __typename: null, id: MARKER }, "0.__typename:REQUIRED"],
    ["a type that is no text", { __typename: ["User"], id: MARKER }, "0.__typename:NOT_ALLOWED"],
    ["a type that there is not", { __typename: MARKER, id: MARKER }, "0.__typename:NOT_ALLOWED"],
    ["a type that is no entity", { __typename: "UserToken", key: MARKER }, "0.__typename:NOT_ALLOWED"],
    ["a type in another case", { __typename: "user", id: MARKER }, "0.__typename:NOT_ALLOWED"],
    ["a name of every object", { __typename: "constructor", id: MARKER }, "0.__typename:NOT_ALLOWED"],
    ["no id", { __typename: "User" }, "0.id:REQUIRED"],
    ["another key", { __typename: "User", username: MARKER }, "0.id:REQUIRED"],
    ["no id but null", { __typename: "User", id: null }, "0.id:REQUIRED"],
    ["an id that is a number", { __typename: "User", id: 4242424242 }, "0.id:INVALID_FORMAT"],
    ["an id that is an object", { __typename: "User", id: { $ne: MARKER } }, "0.id:INVALID_FORMAT"],
    ["an id that is a list", { __typename: "User", id: [MARKER] }, "0.id:INVALID_FORMAT"],
  ])("%s is bad input, by its place and without its value", async (_what, representation, field) => {
    const answer = await resolve([representation]);
    expect([answer.status, answer.data, answer.code]).toEqual([200, null, "BAD_USER_INPUT"]);
    expect(answer.fields).toEqual([`representations.${field}`]);
    const behind = await resolve([referenceTo(ann.id), representation]);
    expect(behind.fields).toEqual([`representations.${field.replace("0", "1")}`]);
    expect(answer.text + behind.text + gateway.output.log).not.toMatch(/hunter2|424242/);
  });

  it.each<[string, unknown]>([
    ["null", null],
    ["null in the list", [null]],
    ["nothing", undefined],
  ])("%s is refused before it is executed", async (_what, representations) => {
    const answer = await resolve(representations);
    expect([answer.status, answer.code, answer.data]).toEqual([400, "BAD_USER_INPUT", undefined]);
  });

  it("an id that nobody has is none of these, however it is written", async () => {
    const ids = ["", " ", "x".repeat(1_000), "' OR 1=1 --", "\u0000", "%", "*", "null", "__proto__"];
    const { status, errors, data } = await resolve(ids.map(referenceTo));
    expect([status, errors, data._entities]).toEqual([200, [], ids.map(() => null)]);
  });

  it("what else a router sends along is not looked at", async () => {
    const { data } = await resolve([
      { ...referenceTo(ann.id), username: "x", role: "ROOT", passwordHash: "x" },
    ]);
    expect(data._entities).toEqual([{ id: ann.id, username: ann.username }]);
  });

  it("no references are answered by none", async () => {
    expect((await resolve([])).data).toEqual({ _entities: [] });
  });

  it("references may stand in the document, and one of them by itself", async () => {
    for (const list of [`[{__typename: "User", id: "${ann.id}"}]`, `{id: "${ann.id}", __typename: "User"}`]) {
      const query = `{ _entities(representations: ${list}) { __typename ... on User { id } } }`;
      const { data } = await send(gateway.graphql, query, {}, bearer(ann.token));
      expect(data._entities).toEqual([{ __typename: "User", id: ann.id }]);
    }
  });
});

describe("limits of references", () => {
  const small = referenceTo("x");

  it("a thousand are resolved, one more is bad input", async () => {
    expect((await resolve(many(1_000, small))).data._entities).toHaveLength(1_000);
    const answer = await resolve(many(1_001, small));
    expect([answer.status, answer.data, answer.fields]).toEqual([200, null, ["representations:TOO_LONG"]]);
  });

  it("of faulty ones too: the answer does not grow with them", async () => {
    const { text, fields } = await resolve(many(20_000, 1));
    expect(fields).toEqual(["representations:TOO_LONG"]);
    expect(text.length).toBeLessThan(1_000);
    expect((await resolve(many(1_000, 1))).text.length).toBeLessThan(1_000);
  });

  it("they are counted over all aliases of an operation", async () => {
    const lists = (count: number) =>
      Array.from({ length: count }, (_, i) => `a${i}: _entities(representations: $r) { __typename }`).join(
        " ",
      );
    const ask = (count: number, size: number) =>
      send(
        gateway.graphql,
        `query ($r: [_Any!]!) { ${lists(count)} }`,
        { r: many(size, small) },
        bearer(ann.token),
      );
    expect((await ask(10, 100)).errors).toEqual([]);
    expect((await ask(10, 101)).code).toBe("BAD_USER_INPUT");
    const tooMany = await ask(11, 1);
    expect([tooMany.status, tooMany.code]).toEqual([400, "GRAPHQL_VALIDATION_FAILED"]);
  });

  it("private fields under many aliases are not explained one by one, and logged once", async () => {
    const other = await registerUser(gateway.graphql);
    const fields = Array.from({ length: 15 }, (_, i) => `a${i}: email`).join(" ");
    const before = gateway.output.log.length;
    const { errors, data } = await resolve(many(800, referenceTo(other.id)), `id ${fields}`);
    expect(errors).toHaveLength(100);
    expect(data._entities).toHaveLength(800);
    expect(Object.values(data._entities.at(-1))).toEqual([other.id, ...Array<null>(15).fill(null)]);
    await gateway.stop();
    expect(gateway.output.log.slice(before).match(/"code":"FORBIDDEN"/g)).toHaveLength(1);
  });
});
