import { readToken } from "../../../packages/verify/src/read-token.js";

const TOKEN = "aaa.bbb.ccc";
const BEARER = `Bearer ${TOKEN}`;
const OTHER = "Bearer ddd.eee.fff";
/** A class of its own, as a framework's request is. */
class FrameworkRequest {
  headers = { authorization: BEARER };
  authorization = BEARER;
}
const refusal = (code: string) => expect.objectContaining({ ok: false, code });

describe("readToken", () => {
  it.each<[string, unknown]>([
    ["a token", TOKEN],
    ["Node's headers", { authorization: `Bearer ${TOKEN}` }],
    ["Fetch's headers", new Headers({ Authorization: `Bearer ${TOKEN}` })],
    ["the scheme in lower case", { authorization: `bearer ${TOKEN}` }],
    ["the scheme in upper case", new Headers({ AUTHORIZATION: `BEARER ${TOKEN}` })],
    ["several spaces", { authorization: `Bearer    ${TOKEN}` }],
    ["a capitalised name", { Authorization: BEARER }],
    ["a name in upper case", { AUTHORIZATION: BEARER }],
    ["an object without a prototype", Object.assign(Object.create(null), { Authorization: BEARER })],
    ["two spellings that agree", { Authorization: BEARER, authorization: BEARER }],
    ["two spellings of which one is absent", { Authorization: BEARER, authorization: undefined }],
    ["two spellings of which one is empty", { authorization: "", Authorization: [BEARER] }],
    ["a list of one", { Authorization: [BEARER] }],
    ["lists of values, as AWS gives them", { Accept: ["*/*", "text/html"], Authorization: [BEARER] }],
    ["a Map", new Map([["authorization", BEARER]])],
    ["a Map with capitalised names", new Map([["Authorization", BEARER]])],
    ["a Map of lists", new Map([["Authorization", [BEARER]]])],
    ["a raw list", ["Host", "a.example", "Authorization", BEARER]],
    [
      "pairs",
      [
        ["Host", "a.example"],
        ["AUTHORIZATION", BEARER],
      ],
    ],
    ["the entries of Fetch's headers", [...new Headers({ Authorization: BEARER })]],
    [
      "the entries of Node's headers",
      Object.entries({ host: "a", "set-cookie": ["a", "b"], authorization: BEARER }),
    ],
    [
      "what has the same get as Fetch's headers",
      { get: (name: string) => (name === "authorization" ? BEARER : null) },
    ],
    ["a get that answers a list", { get: () => [BEARER] }],
    ["a cookie beside it", { authorization: `Bearer ${TOKEN}`, cookie: "session=x", "x-auth-token": "y" }],
  ])("finds it in %s", (_name, credential) => {
    expect(readToken(credential as never)).toBe(TOKEN);
  });

  it.each<[string, unknown]>([
    ["null", null],
    ["an empty text", ""],
    ["no headers", {}],
    ["empty Fetch headers", new Headers()],
    ["an empty Authorization", { authorization: "" }],
    ["an Authorization that is undefined", { authorization: undefined }],
    ["an Authorization that is null", { Authorization: null }],
    ["an empty Map", new Map()],
    ["an empty list", []],
    ["a raw list of others", ["Host", "Authorization"]],
    ["pairs of others", [["Host", BEARER]]],
    [
      "names that only begin or end so",
      { "x-authorization": BEARER, "authorization-x": BEARER, cachecontrols: BEARER },
    ],
    ["other headers only", { cookie: "session=x", "x-auth-token": TOKEN, "x-access-token": TOKEN }],
  ])("knows nobody by %s", (_name, credential) => {
    expect(readToken(credential as never)).toEqual(refusal("NO_CREDENTIAL"));
  });

  it.each<[string, unknown]>([
    ["another scheme", { authorization: "Basic YTpi" }],
    ["the JWT scheme", { authorization: `JWT ${TOKEN}` }],
    ["a bare token", { authorization: TOKEN }],
    ["the scheme alone", { authorization: "Bearer" }],
    ["the scheme within another", { authorization: `Bearerer ${TOKEN}` }],
    ["a tab for a space", { authorization: `Bearer\t${TOKEN}` }],
    ["two headers", { authorization: [`Bearer ${TOKEN}`, `Bearer ${TOKEN}`] }],
    ["two spellings that differ", { Authorization: BEARER, authorization: OTHER }],
    [
      "three spellings of which one differs",
      { authorization: BEARER, Authorization: BEARER, AUTHORIZATION: OTHER },
    ],
    [
      "a spelling that is repeated beside a good one",
      { authorization: BEARER, Authorization: [BEARER, BEARER] },
    ],
    ["a list of two in another case", { Authorization: [BEARER, OTHER] }],
    ["a list of none", { Authorization: [] }],
    ["a list of a list", { Authorization: [[BEARER]] }],
    ["an Authorization that is an object", { Authorization: { value: BEARER } }],
    ["an Authorization that is a number", { authorization: 7 }],
    [
      "two spellings in a Map that differ",
      new Map([
        ["Authorization", BEARER],
        ["authorization", OTHER],
      ]),
    ],
    ["a Map of two", new Map([["authorization", [BEARER, BEARER]]])],
    ["a Map of other things", new Map<unknown, unknown>([[7, BEARER]])],
    ["a raw list that repeats it", ["Authorization", BEARER, "authorization", BEARER]],
    [
      "pairs that repeat it",
      [
        ["Authorization", BEARER],
        ["authorization", BEARER],
      ],
    ],
    ["another scheme in another case", { AUTHORIZATION: "Basic YTpi" }],
    ["undefined", undefined],
    ["a number", 7],
    ["true", true],
    ["a function", () => BEARER],
    ["a symbol", Symbol("authorization")],
    ["a list of an odd length", ["Authorization", BEARER, "Host"]],
    ["a list of numbers", [1, 2]],
    ["a list of both forms", ["Host", "a", ["Authorization", BEARER]]],
    [
      "triples",
      [
        ["Authorization", BEARER, "x"],
        ["Host", "a", "x"],
      ],
    ],
    ["pairs without a name", [[7, BEARER]]],
    ["a request instead of its headers", { headers: { authorization: BEARER }, method: "GET" }],
    ["an event instead of its headers", { event: { headers: {} }, version: "2.0" }],
    ["an object of a class", new FrameworkRequest()],
    ["an inherited Authorization", Object.create({ authorization: BEARER })],
    ["a promise of headers", Promise.resolve({ authorization: BEARER })],
    ["a Set", new Set([BEARER])],
    ["a Date", new Date(0)],
    ["a token longer than any", "a".repeat(4097)],
    ["one of 100 KB", { authorization: `Bearer ${"a".repeat(100_000)}` }],
  ])("refuses %s", (_name, credential) => {
    expect(readToken(credential as never)).toEqual(refusal("INVALID_CREDENTIAL"));
  });

  it("leaves two tokens in one header to be refused as one", () => {
    const twice = new Headers([
      ["authorization", `Bearer ${TOKEN}`],
      ["authorization", `Bearer ${TOKEN}`],
    ]);
    expect(readToken(twice)).toBe(`${TOKEN}, Bearer ${TOKEN}`);
  });
});
