import { buildSchema, getIntrospectionQuery, parse, validate } from "graphql";
import { limitRules, MAX_TOKENS } from "../../../src/graphql/limit-rules.js";

/** Unlike the real one it has a cycle, so that depth and fan-out can be had. */
const schema = buildSchema(`
  type Query { a: Query b: String list: [Query!]! login: String register: String }
  type Mutation { login: String register: String logout: String }
`);

const faults = (query: string) => validate(schema, parse(query), limitRules).map(({ message }) => message);

const times = (count: number, write: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => write(i)).join(" ");
const nested = (depth: number) => `${"{ a ".repeat(depth - 1)}{ b }${" }".repeat(depth - 1)}`;
/** Each fragment spreads the next one twice: 2 to the power of `levels` fields. */
const fanOut = (levels: number, field = "b") =>
  `{ ...F0 } ${times(levels, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)} fragment F${levels} on Query { ${field} }`;
/** The same with a field on every level, so that nothing can be merged. */
const fanOutByList = (levels: number) =>
  `{ list { ...F0 } } ${times(levels, (i) => `fragment F${i} on Query { x: list { ...F${i + 1} } y: list { ...F${i + 1} } }`)} fragment F${levels} on Query { b }`;

describe("what one operation may stand for", () => {
  it.each([
    ["a depth of 8", nested(8)],
    ["15 aliases", `{ a { ${times(15, (i) => `x${i}: b`)} } }`],
    ["10 root fields", `{ ${times(10, (i) => `x${i}: b`)} }`],
    ["20 directives", `{ a { ${"b @skip(if: false) ".repeat(20)} } }`],
    ["1,000 fields", `{ a { ${"b ".repeat(999)} } }`],
    ["one login", "mutation { login logout }"],
    ["introspection", getIntrospectionQuery()],
  ])("%s is allowed", (_what, query) => {
    expect(faults(query)).toEqual([]);
  });

  it.each([
    ["a depth of 9", nested(9), "a depth of at most 8"],
    [
      "a depth of 9 behind inline fragments",
      `{ ... { a { ... on Query ${nested(8)} } } }`,
      "a depth of at most 8",
    ],
    [
      "a depth of 9 behind a fragment",
      `{ a { ...F } } fragment F on Query ${nested(8)}`,
      "a depth of at most 8",
    ],
    ["16 aliases", `{ a { ${times(16, (i) => `x${i}: b`)} } }`, "at most 15 aliases"],
    [
      "16 aliases behind a fragment that is spread 16 times",
      `{ ${times(16, () => "a { ...F }")} } fragment F on Query { x: b }`,
      "at most 15 aliases",
    ],
    ["11 root fields", `{ ${"b ".repeat(11)} }`, "at most 10 root fields"],
    [
      "11 root fields behind fragments",
      `{ ...F ... { ${"b ".repeat(5)} } } fragment F on Query { ${"b ".repeat(6)} }`,
      "at most 10 root fields",
    ],
    ["21 directives", `{ a { ${"b @skip(if: false) ".repeat(21)} } }`, "at most 20 directives"],
    [
      "21 directives on fragments",
      `{ ${"... @skip(if: false) { b } ".repeat(21)} }`,
      "at most 20 directives",
    ],
    ["21 directives on one field", `{ b ${"@skip(if: false) ".repeat(21)} }`, "at most 20 directives"],
    ["1,001 fields", `{ a { ${"b ".repeat(1_000)} } }`, "at most 1000 fields"],
    ["two logins", "mutation { a: login b: login }", "one login or register"],
    ["a login and a register", "mutation { login register }", "one login or register"],
    [
      "two logins, one behind a fragment",
      "mutation { login ...F } fragment F on Mutation { x: login }",
      "one login or register",
    ],
    ["fragments that fan out over fields", fanOutByList(10), "at most 1000 fields"],
  ])("%s is refused", (_what, query, rule) => {
    expect(faults(query)).toContain(`An operation has ${rule}.`);
  });

  it("every operation of a document is weighed", () => {
    expect(faults(`query A { b } query B ${nested(9)}`)).toHaveLength(1);
  });

  it("weighing is linear, whatever the fragments stand for", () => {
    expect(faults(fanOut(22))).toContain("An operation has at most 1000 fields.");
    expect(faults(fanOutByList(22))).not.toEqual([]);
  });

  it("fragments that spread themselves end", () => {
    expect(faults("{ ...A } fragment A on Query { a { ...B } } fragment B on Query { a { ...A } }")).toEqual(
      [],
    );
  });

  it("no document is longer than a thousand tokens", () => {
    expect(MAX_TOKENS).toBe(1_000);
  });
});
