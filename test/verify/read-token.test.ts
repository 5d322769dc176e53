import { readToken } from "../../src/verify/read-token.js";

const TOKEN = "aaa.bbb.ccc";
const refusal = (code: string) => expect.objectContaining({ ok: false, code });

describe("readToken", () => {
  it.each<[string, unknown]>([
    ["a token", TOKEN],
    ["Node's headers", { authorization: `Bearer ${TOKEN}` }],
    ["Fetch's headers", new Headers({ Authorization: `Bearer ${TOKEN}` })],
    ["the scheme in lower case", { authorization: `bearer ${TOKEN}` }],
    ["the scheme in upper case", new Headers({ AUTHORIZATION: `BEARER ${TOKEN}` })],
    ["several spaces", { authorization: `Bearer    ${TOKEN}` }],
    ["a cookie beside it", { authorization: `Bearer ${TOKEN}`, cookie: "session=x", "x-auth-token": "y" }],
  ])("finds it in %s", (_name, credential) => {
    expect(readToken(credential as never)).toBe(TOKEN);
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["an empty text", ""],
    ["no headers", {}],
    ["empty Fetch headers", new Headers()],
    ["an empty Authorization", { authorization: "" }],
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
    ["a number", 7],
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
