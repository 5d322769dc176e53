import { readClientCredential } from "../../../src/clients/authenticate-client.js";
import { base64 } from "../../support/client.js";

const ID = "0198d7a2-0000-4000-8000-00000000000a";
const SECRET = "lkc_AZaz09-_AZaz09-_AZaz09-_AZaz09-_AZaz09-_AZa";
const PAIR = { id: ID, secret: SECRET };
const basic = (pair: string) => `Basic ${base64(pair)}`;
const escaped = (text: string) =>
  [...text].map((char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`).join("");

describe("readClientCredential", () => {
  it("reads an id and a secret", () => {
    expect(readClientCredential(basic(`${ID}:${SECRET}`))).toEqual(PAIR);
  });

  it.each(["basic", "BASIC", "bAsIc"])("knows the scheme as %s", (scheme) => {
    expect(readClientCredential(`${scheme} ${base64(`${ID}:${SECRET}`)}`)).toEqual(PAIR);
  });

  it("undoes the form encoding of libraries that escape more than they must", () => {
    const careful = (text: string) => text.replaceAll("-", "%2D").replaceAll("_", "%5f");
    expect(readClientCredential(basic(`${careful(ID)}:${careful(SECRET)}`))).toEqual(PAIR);
    expect(readClientCredential(basic(`${escaped(ID)}:${escaped(SECRET)}`))).toEqual(PAIR);
    expect(readClientCredential(basic("a+b:c%3Ad"))).toEqual({ id: "a b", secret: "c:d" });
  });

  it.each([
    ["an empty header", ""],
    ["a scheme alone", "Basic"],
    ["a scheme and a space", "Basic "],
    ["another scheme", `Bearer ${base64(`${ID}:${SECRET}`)}`],
    ["no scheme", base64(`${ID}:${SECRET}`)],
    ["two spaces", `Basic  ${base64(`${ID}:${SECRET}`)}`],
    ["a tab", `Basic\t${base64(`${ID}:${SECRET}`)}`],
    ["a third part", `${basic(`${ID}:${SECRET}`)} x`],
    ["two credentials joined by a proxy", `${basic(`${ID}:${SECRET}`)}, ${basic(`${ID}:${SECRET}`)}`],
    ["Base64 with junk", `Basic ${base64(`${ID}:${SECRET}`)}!`],
    ["Base64 without its padding", `Basic ${base64("a:bc").replace(/=/g, "")}`],
    ["the URL alphabet", `Basic ${Buffer.from("a:\u00ff\u00ff\u00ff").toString("base64url")}`],
    ["what is not UTF-8", `Basic ${Buffer.from([0x61, 0x3a, 0xff]).toString("base64")}`],
    ["no colon", basic(ID)],
    ["no id", basic(`:${SECRET}`)],
    ["no secret", basic(`${ID}:`)],
    ["a second colon", basic(`${ID}:${SECRET}:`)],
    ["an escape that is none", basic(`${ID}:%zz`)],
    ["a broken escape at the end", basic(`${ID}:abc%4`)],
    ["an escape that is not UTF-8", basic(`${ID}:%ff`)],
    ["more than an id and a secret can be", basic(`${ID}:${"x".repeat(1024)}`)],
  ])("refuses %s", (_what, header) => {
    expect(readClientCredential(header)).toBeNull();
  });
});
