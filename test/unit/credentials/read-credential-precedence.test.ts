import { readCredential, type CredentialReading } from "../../../src/credentials/read-credential.js";
import {
  JWT,
  KEY,
  OTHER,
  authorization,
  base64,
  basic,
  cookie,
  malformed,
  none,
  read,
  refused,
  token,
} from "./readings.js";

describe("the session cookie", () => {
  it.each([
    ["alone", `latchkey=${JWT}`],
    ["among others", `a=b; latchkey=${JWT}; theme="dark"`],
    ["without spaces", `a=b;latchkey=${JWT};c`],
    ["among names of prototypes", `__proto__=x; constructor=y; latchkey=${JWT}; toString=z`],
    ["after a piece without a value", `;; junk; =; latchkey=${JWT}`],
  ])("is found %s", (_name, value) => {
    expect(cookie(value)).toEqual(token("cookie"));
  });

  it("is found in the second of two Cookie headers", () => {
    expect(read(["Cookie", "a=b"], ["cookie", `latchkey=${JWT}`])).toEqual(token("cookie"));
  });

  it.each([
    ["another kind of value", "latchkey=1"],
    ["a pair", `latchkey=${base64(`ann:${JWT}`)}`],
    ["a quoted value", `latchkey="${JWT}"`],
    ["a percent-encoded value", `latchkey=${JWT.replaceAll(".", "%2E")}`],
    ["a broken percent-encoding", "latchkey=%E0%A4%A"],
  ])("is malformed with %s", (_name, value) => {
    expect(cookie(value)).toEqual(malformed("cookie"));
  });

  it.each([
    ["the name twice", `latchkey=${JWT}; latchkey=${OTHER}`],
    ["the name twice with one value", `latchkey=${JWT}; latchkey=${JWT}`],
    ["the name twice, once empty", `latchkey=; latchkey=${JWT}`],
  ])("is malformed, and may be good, with %s", (_name, value) => {
    expect(cookie(value)).toEqual({ ...malformed("cookie"), ambiguous: true });
  });

  it("is malformed when each of two Cookie headers holds one", () => {
    const reading = read(["Cookie", `latchkey=${JWT}`], ["Cookie", `latchkey=${JWT}`]);
    expect(reading).toEqual({ ...malformed("cookie"), ambiguous: true });
  });

  it.each(["__proto__", "constructor", "toString", "__Host-latchkey"])("may be called %s", (name) => {
    expect(readCredential(["Cookie", "a=b"], name)).toEqual(none);
    expect(readCredential(["Cookie", `a=b; ${name}=${JWT}`], name)).toEqual(token("cookie"));
    expect(readCredential(["Cookie", `${name}=1`], name)).toEqual(malformed("cookie"));
  });
});

describe("a header beside the cookie", () => {
  const good: [string, string] = ["Cookie", `latchkey=${JWT}`];

  it.each<[string, [string, string][], CredentialReading | object]>([
    ["outranks it", [["Authorization", `Bearer ${OTHER}`]], token("bearer", { token: OTHER })],
    ["outranks it when malformed", [["Authorization", "Bearer x"]], malformed("bearer")],
    ["outranks it when of an unknown scheme", [["Authorization", "Digest x"]], malformed("authorization")],
    ["outranks it when only half there", [["X-Key", KEY]], malformed("x-access-token")],
    ["outranks it when it is a login", [["Authorization", `Basic ${base64("a:b")}`]], basic("a", "b")],
    ["is still refused when repeated", [["X-Auth-Token", JWT], ["X-Auth-Token", JWT]], refused], // prettier-ignore
    ["leaves it alone when empty", [["Authorization", ""]], token("cookie")],
  ])("%s", (_name, headers, reading) => {
    expect(read(good, ...headers)).toEqual(reading);
    expect(read(...headers, good)).toEqual(reading);
  });

  it("outranks a malformed cookie", () => {
    expect(read(["Cookie", "latchkey=1; latchkey=2"], ["Authorization", JWT])).toEqual(
      token("authorization"),
    );
  });
});

describe("a request that contradicts itself", () => {
  const ONE_OF_EACH: [string, string][] = [
    ["Authorization", `Bearer ${JWT}`],
    ["X-Auth-Token", JWT],
    ["X-Access-Token", JWT],
    ["X-Key", KEY],
  ];
  const twoMechanisms = ONE_OF_EACH.flatMap((a, i) =>
    ONE_OF_EACH.slice(i + 1).map((b) => [a, b] as const),
  ).filter(([[a], [b]]) => !(a === "X-Access-Token" && b === "X-Key"));

  it.each(twoMechanisms)("is refused with %j and %j", (a, b) => {
    expect(read(a, b)).toEqual(refused);
    expect(read(b, a)).toEqual(refused);
  });

  it.each(["Digest x", "Bearer x", `Basic ${base64("a:b")}`])(
    "is refused with %s beside a token",
    (value) => {
      expect(read(["Authorization", value], ["X-Auth-Token", JWT])).toEqual(refused);
    },
  );

  it("is refused with all at once", () => {
    expect(read(...ONE_OF_EACH)).toEqual(refused);
  });

  it.each(ONE_OF_EACH)("is refused with %s twice, also in another case, equal or empty", (name, value) => {
    expect(read([name, value], [name, value])).toEqual(refused);
    expect(read([name, value], [name.toUpperCase(), value])).toEqual(refused);
    expect(read([name, value], ["Host", "localhost"], [name.toLowerCase(), ""])).toEqual(refused);
    expect(read([name, ""], [name, value])).toEqual(refused);
  });

  it("is not what an empty header makes of a good one", () => {
    expect(read(["Authorization", " "], ["X-Auth-Token", JWT], ["X-Key", ""])).toEqual(token("x-auth-token"));
  });

  it("says so without repeating any of it", () => {
    const secret = `Basic ${base64("ann:secret")}`;
    for (const reading of [
      read(["Authorization", secret], ["Authorization", secret]),
      read(["Authorization", secret], ["X-Auth-Token", JWT]),
    ]) {
      expect(JSON.stringify(reading)).not.toContain(base64("ann:secret"));
      expect(JSON.stringify(reading)).not.toContain(JWT);
    }
  });
});

describe("oversized values", () => {
  const LIMIT = 8 * 1024;
  const jwtOf = (length: number) => `a.b.${"c".repeat(length - 4)}`;
  const basicOf = (length: number) => base64(`a:${"b".repeat((length / 4) * 3 - 2)}`);

  it("are accepted up to 8 KiB", () => {
    expect(authorization(`Bearer ${jwtOf(LIMIT)}`)).toMatchObject({ kind: "token" });
    expect(cookie(`latchkey=${jwtOf(LIMIT)}`)).toMatchObject({ kind: "token" });
    expect(basicOf(LIMIT)).toHaveLength(LIMIT);
    expect(authorization(`Basic ${basicOf(LIMIT)}`)).toMatchObject({ kind: "basic" });
  });

  it("are malformed beyond", () => {
    expect(authorization(`Bearer ${jwtOf(LIMIT + 1)}`)).toEqual(malformed("bearer"));
    expect(authorization(jwtOf(LIMIT + 1))).toEqual(malformed("authorization"));
    expect(cookie(`latchkey=${jwtOf(LIMIT + 1)}`)).toEqual(malformed("cookie"));
    expect(authorization(`Basic ${basicOf(LIMIT + 4)}`)).toEqual(malformed("basic"));
    expect(read(["X-Auth-Token", basicOf(LIMIT + 4)])).toEqual(malformed("x-auth-token"));
  });
});

describe("hostile input", () => {
  const LONG = 200_000;
  const blanks = " ".repeat(LONG);

  it.each<[string, string, string]>([
    ["blanks inside", "Authorization", `Bearer x${blanks}x`],
    ["tabs inside", "Authorization", `a${"\t".repeat(LONG)}a`],
    ["dots", "Authorization", `Bearer ${".".repeat(LONG)}`],
    ["segments", "Authorization", "a.".repeat(LONG / 2)],
    ["a long segment", "X-Auth-Token", `${"a".repeat(LONG)}.`],
    ["schemes", "Authorization", "JWT ".repeat(LONG / 4)],
    ["colons", "X-Auth-Token", base64(":".repeat(LONG))],
    ["padding", "Authorization", `Basic ${"=".repeat(LONG)}`],
    ["semicolons", "Cookie", ";".repeat(LONG)],
    ["equals signs", "Cookie", "=;".repeat(LONG / 2)],
    ["blanks in a cookie", "Cookie", `latchkey=${blanks}x`],
    ["our cookie many times", "Cookie", `latchkey=${JWT};`.repeat(LONG / 100)],
  ])("is read in linear time: %s", (_name, header, value) => {
    const start = performance.now();
    expect(["none", "malformed"]).toContain(read([header, value]).kind);
    // Takes a few milliseconds; quadratic work on this length takes far longer than this.
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  it("never makes it throw, nor passes for a credential", () => {
    const pieces = [
      "Basic ",
      "Bearer ",
      "JWT ",
      "a.b",
      ".",
      ":",
      "=",
      "\u0000",
      "é",
      " ",
      "\t",
      ",",
      ";",
      "latchkey=",
    ];
    const names = ["Authorization", "X-Auth-Token", "X-Access-Token", "X-Key", "Cookie", "__proto__"];
    let seed = 1;
    const next = (limit: number) => (seed = (seed * 48_271) % 2_147_483_647) % limit;
    const made = Array.from({ length: 20_000 }, () =>
      read(
        ...Array.from({ length: 1 + next(3) }, (): [string, string] => [
          names[next(names.length)]!,
          Array.from({ length: next(6) }, () => pieces[next(pieces.length)]!).join(""),
        ]),
      ),
    );
    // No Base64 with a colon can be made of these pieces; a token can, and is then nothing but one.
    expect(made.filter(({ kind }) => kind === "basic")).toEqual([]);
    const tokens = made
      .filter((reading) => reading.kind === "token")
      .map((reading) => reading.token.split("."));
    expect(tokens.length).toBeGreaterThan(0);
    expect(
      tokens.filter((segments) => segments.length !== 3 || !segments.every((it) => /^\w+$/.test(it))),
    ).toEqual([]);
  });
});
