import {
  COOKIE,
  JWT,
  KEY,
  OTHER,
  authorization,
  base64,
  basic,
  malformed,
  none,
  read,
  token,
} from "./readings.js";
import { readCredential } from "../../../src/credentials/read-credential.js";

describe("no credential", () => {
  it.each<[string, [string, string][]]>([
    ["no header", []],
    ["other headers", [["Host", "localhost"], ["Proxy-Authorization", "Basic YTpi"], ["X-Auth", JWT]]], // prettier-ignore
    ["an empty Authorization", [["Authorization", ""]]],
    ["a blank Authorization", [["Authorization", " \t "]]],
    ["an empty X-Auth-Token", [["X-Auth-Token", ""]]],
    ["an empty pair of headers", [["X-Access-Token", ""], ["X-Key", " "]]], // prettier-ignore
    ["cookies of other names", [["Cookie", `a=${JWT}; latchkey2=${JWT}; xlatchkey=${JWT}; LATCHKEY=${JWT}`]]],
    ["an emptied cookie", [["Cookie", "latchkey="]]],
    ["a cookie without a value", [["Cookie", "latchkey"]]],
    ["names that only look alike", [["Authorization ", "Basic YTpi"], ["X_Auth_Token", JWT], ["Аuthorization", JWT]]], // prettier-ignore
    ["names of prototypes", [["__proto__", JWT], ["constructor", JWT], ["constructor", JWT]]], // prettier-ignore
  ])("is %s", (_name, headers) => {
    expect(read(...headers)).toEqual(none);
  });

  it("is a name whose value is missing", () => {
    expect(readCredential(["Authorization"], COOKIE)).toEqual(none);
  });
});

describe("Authorization: Basic", () => {
  it.each([
    ["ann:secret", basic("ann", "secret")],
    ["100@mydomain.com:secret", basic("100@mydomain.com", "secret")],
    ["ann:se:cr:et", basic("ann", "se:cr:et")],
    ["ann::", basic("ann", ":")],
    ["ann:", basic("ann", "")],
    ["jürgen:пароль 🔑", basic("jürgen", "пароль 🔑")],
    ["__proto__:constructor", basic("__proto__", "constructor")],
    [" ann : secret ", basic(" ann ", " secret ")],
    ["\ufeffann:secret", basic("\ufeffann", "secret")],
  ])("splits %j at the first colon", (text, reading) => {
    expect(authorization(`Basic ${base64(text)}`)).toEqual(reading);
  });

  it.each(["basic", "BASIC", "bAsIc"])("knows its scheme as %s", (scheme) => {
    expect(authorization(`${scheme} ${base64("ann:secret")}`)).toEqual(basic("ann", "secret"));
  });

  it.each(["Authorization", "authorization", "AUTHORIZATION", "aUTHORIZATION"])(
    "knows its header as %s",
    (name) => {
      expect(read([name, `Basic ${base64("ann:secret")}`])).toEqual(basic("ann", "secret"));
    },
  );

  it.each([
    ["nothing after the scheme", "Basic"],
    ["blanks after the scheme", "Basic   "],
    ["no colon", `Basic ${base64("annsecret")}`],
    ["no user", `Basic ${base64(":secret")}`],
    ["only a colon", `Basic ${base64(":")}`],
    ["an empty text", `Basic ${base64("")}`],
    ["plain text", "Basic ann:secret"],
    ["a JWT", `Basic ${JWT}`],
    ["missing padding", `Basic ${base64("ann:secret").replace("==", "")}`],
    ["extra padding", `Basic ${base64("ann:secret")}=`],
    ["junk inside", `Basic YW5u!OnNlY3JldA==`],
    ["the URL alphabet", `Basic ${base64("ann:???>>>").replaceAll("/", "_").replaceAll("+", "-")}`],
    ["a line break inside", `Basic YW5u\r\nOnNlY3JldA==`],
    ["a third part", `Basic ${base64("ann:secret")} ${base64("ann:secret")}`],
    ["a parameter", `Basic ${base64("ann:secret")}, charset="UTF-8"`],
    ["two joined by a comma", `Basic ${base64("ann:secret")}, Basic ${base64("bob:secret")}`],
    ["two joined by a bare comma", `Basic ${base64("ann:secret")},${base64("bob:secret")}`],
    ["a tab after the scheme", `Basic\t${base64("ann:secret")}`],
    ["a tab among the spaces", `Basic \t ${base64("ann:secret")}`],
    ["quotes", `Basic "${base64("ann:secret")}"`],
    ["Latin-1 in clear", "Basic ann:sécret"],
    ["Latin-1 bytes encoded", `Basic ${base64([0x61, 0x3a, 0xe9])}`],
    ["an overlong colon", `Basic ${base64([0x61, 0xc0, 0xba, 0x62])}`],
    ["NUL in the user", `Basic ${base64("an\u0000n:secret")}`],
    ["NUL in the password", `Basic ${base64("ann:sec\u0000ret")}`],
    ["a line break in the user", `Basic ${base64("ann\r\nX-Admin: 1:secret")}`],
    ["a tab in the password", `Basic ${base64("ann:a\tb")}`],
    ["DEL in the password", `Basic ${base64("ann:\u007f")}`],
    ["a C1 control in the user", `Basic ${base64("ann\u0085:secret")}`],
    ["NUL after the text", `Basic ${base64("ann:secret")}\u0000`],
  ])("is malformed with %s", (_name, value) => {
    expect(authorization(value)).toEqual(malformed("basic"));
  });
});

describe("Authorization: Bearer", () => {
  it.each([
    ["a raw token", `Bearer ${JWT}`, {}],
    ["any case of the scheme", `bEARER ${JWT}`, {}],
    ["several spaces", `Bearer    ${JWT}`, {}],
    ["blanks around the value", ` \t Bearer ${JWT} \t `, {}],
    ["a pair", `Bearer ${base64(`ann:${JWT}`)}`, { owner: "ann" }],
    ["a pair whose user has colons", `Bearer ${base64(`a:b::${JWT}`)}`, { owner: "a:b:" }],
    [
      "a pair whose user is an address",
      `Bearer ${base64(`100@mydomain.com:${JWT}`)}`,
      { owner: "100@mydomain.com" },
    ],
    ["a pair whose user is not ASCII", `Bearer ${base64(`jürgen:${JWT}`)}`, { owner: "jürgen" }],
    ["a pair whose user names a prototype", `Bearer ${base64(`__proto__:${JWT}`)}`, { owner: "__proto__" }],
  ])("accepts %s", (_name, value, more) => {
    expect(authorization(value)).toEqual(token("bearer", more));
  });

  it("reads a user as it is written, for the owner's name to be compared later", () => {
    expect(authorization(`Bearer ${base64(`ANN\u0301 :${JWT}`)}`)).toEqual(
      token("bearer", { owner: "ANN\u0301 " }),
    );
  });

  it.each([
    ["nothing", "Bearer"],
    ["two segments", "Bearer a.b"],
    ["four segments", "Bearer a.b.c.d"],
    ["five segments", "Bearer a.b.c.d.e"],
    ["an empty header", "Bearer .b.c"],
    ["an empty payload", "Bearer a..c"],
    ["an empty signature", "Bearer a.b."],
    ["only dots", "Bearer .."],
    ["an opaque token", `Bearer ${KEY}`],
    ["padding in a segment", "Bearer a.b.Yw=="],
    ["the standard alphabet in a segment", "Bearer a.b.c+/"],
    ["a third part", `Bearer ${JWT} ${JWT}`],
    ["a further scheme", `Bearer Bearer ${JWT}`],
    ["another scheme", `Bearer JWT ${JWT}`],
    ["two joined by a comma", `Bearer ${JWT}, Bearer ${OTHER}`],
    ["two joined by a bare comma", `Bearer ${JWT},${OTHER}`],
    ["a parameter", `Bearer token="${JWT}"`],
    ["a colon", `Bearer ann:${JWT}`],
    ["a tab after the scheme", `Bearer\t${JWT}`],
    ["a no-break space after the scheme", `Bearer \u00a0${JWT}`],
    ["a non-ASCII letter", `Bearer ${JWT}é`],
    ["a line break", `Bearer ${JWT}\n`],
    ["NUL", `Bearer ${JWT}\u0000`],
    ["a JWS in JSON", `Bearer {"payload":"a","protected":"b","signature":"c"}`],
    ["a pair without a user", `Bearer ${base64(`:${JWT}`)}`],
    ["a pair without a token", `Bearer ${base64("ann:")}`],
    ["a pair the wrong way round", `Bearer ${base64(`${JWT}:ann`)}`],
    ["a pair with an opaque token", `Bearer ${base64("ann:secret")}`],
    ["a pair within a pair", `Bearer ${base64(`ann:${base64(`ann:${JWT}`)}`)}`],
    ["a pair with a space before the token", `Bearer ${base64(`ann: ${JWT}`)}`],
    ["a pair with a line break after the token", `Bearer ${base64(`ann:${JWT}\n`)}`],
    ["a pair with NUL in the user", `Bearer ${base64(`ann\u0000:${JWT}`)}`],
    ["an encoded token without a user", `Bearer ${base64(JWT)}`],
    ["a pair without its padding", `Bearer ${base64(`anna:${JWT}`).replace(/=+$/, "")}`],
    ["a pair in the URL alphabet", `Bearer ${Buffer.from(`a?~:${JWT}`).toString("base64url")}`],
    ["a pair in Latin-1", `Bearer ${Buffer.from(`é:${JWT}`, "latin1").toString("base64")}`],
  ])("is malformed with %s", (_name, value) => {
    expect(authorization(value)).toEqual(malformed("bearer"));
  });

  it("has fixtures whose pairs do need padding and the URL alphabet", () => {
    expect(base64(`anna:${JWT}`)).toMatch(/=$/);
    expect(Buffer.from(`a?~:${JWT}`).toString("base64url")).toMatch(/[-_]/);
  });
});

describe("Authorization: JWT, and without a scheme", () => {
  it.each([
    ["jwt", `JWT ${JWT}`],
    ["jwt", `jwt ${JWT}`],
    ["jwt", `JWT   ${JWT}`],
    ["jwt", `JWT JWT ${JWT}`],
    ["jwt", `JWT jwt   ${JWT}`],
    ["authorization", JWT],
    ["authorization", ` ${JWT}\t`],
  ] as const)("%s: %j", (mechanism, value) => {
    expect(authorization(value)).toEqual(token(mechanism));
  });

  it.each([
    ["jwt", "JWT"],
    ["jwt", "JWT JWT"],
    ["jwt", `JWT JWT JWT ${JWT}`],
    ["jwt", `JWT JWT\t${JWT}`],
    ["jwt", `JWT JWT${JWT} x`],
    ["jwt", `JWT Bearer ${JWT}`],
    ["jwt", `JWT ${JWT} ${JWT}`],
    ["jwt", `JWT ${JWT}, JWT ${OTHER}`],
    ["jwt", `JWT ${base64(`ann:${JWT}`)}`],
    ["authorization", `${JWT}, ${OTHER}`],
    ["authorization", `${JWT} ${OTHER}`],
    ["authorization", `${JWT}\u00a0`],
    ["authorization", base64(`ann:${JWT}`)],
    ["authorization", "Basic:YTpi"],
    ["authorization", "Basic\r\n YTpi"],
    ["authorization", `Bearer:${JWT}`],
    ["authorization", `Bearer=${JWT}`],
    ["authorization", `Digest username="ann", response="0"`],
    ["authorization", "Negotiate YTpi"],
    ["authorization", `DPoP ${JWT}`],
    ["authorization", `Bearer\u00a0${JWT}`],
    ["authorization", `Bеarer ${JWT}`],
    ["authorization", `,Bearer ${JWT}`],
    ["authorization", "__proto__ a"],
    ["authorization", "\u00a0"],
    ["authorization", "\u0000"],
    ["authorization", ":"],
  ] as const)("is malformed (%s): %j", (mechanism, value) => {
    expect(authorization(value)).toEqual(malformed(mechanism));
  });
});

describe("X-Auth-Token", () => {
  it.each([
    ["a raw token", JWT, {}],
    ["a pair", base64(`ann:${JWT}`), { owner: "ann" }],
    ["blanks around", `\t${JWT} `, {}],
  ])("accepts %s", (_name, value, more) => {
    expect(read(["x-auth-TOKEN", value])).toEqual(token("x-auth-token", more));
  });

  it.each([
    ["a scheme", `Bearer ${JWT}`],
    ["two joined by a comma", `${JWT}, ${OTHER}`],
    ["pairs joined by a comma", `${base64(`ann:${JWT}`)}, ${base64(`bob:${OTHER}`)}`],
    ["no colon", base64("ann")],
    ["a lenient pair", ` ${base64(`ann:${JWT}`)}\u0000`],
    ["a number", "0"],
  ])("is malformed with %s", (_name, value) => {
    expect(read(["X-Auth-Token", value])).toEqual(malformed("x-auth-token"));
  });
});

describe("X-Access-Token with X-Key", () => {
  it("is one credential, in either order", () => {
    expect(read(["X-Access-Token", JWT], ["X-Key", KEY])).toEqual(token("x-access-token", { key: KEY }));
    expect(read(["x-key", KEY], ["x-access-token", JWT])).toEqual(token("x-access-token", { key: KEY }));
  });

  it.each<[string, [string, string][]]>([
    ["no key", [["X-Access-Token", JWT]]],
    ["an empty key", [["X-Access-Token", JWT], ["X-Key", ""]]], // prettier-ignore
    ["no token", [["X-Key", KEY]]],
    ["an empty token", [["X-Access-Token", " "], ["X-Key", KEY]]], // prettier-ignore
    ["a pair for a token", [["X-Access-Token", base64(`ann:${JWT}`)], ["X-Key", KEY]]], // prettier-ignore
    ["a scheme", [["X-Access-Token", `JWT ${JWT}`], ["X-Key", KEY]]], // prettier-ignore
    ["two keys joined", [["X-Access-Token", JWT], ["X-Key", `${KEY}, ${KEY}`]]], // prettier-ignore
    ["NUL in the key", [["X-Access-Token", JWT], ["X-Key", `${KEY}\u0000`]]], // prettier-ignore
    ["a key that is not ASCII", [["X-Access-Token", JWT], ["X-Key", "ключ"]]], // prettier-ignore
    ["an endless key", [["X-Access-Token", JWT], ["X-Key", "k".repeat(8 * 1024 + 1)]]], // prettier-ignore
  ])("is malformed with %s", (_name, headers) => {
    expect(read(...headers)).toEqual(malformed("x-access-token"));
  });
});
