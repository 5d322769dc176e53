import { gzipSync } from "node:zlib";
import { makeToken } from "../../../support/token-calls.js";
import { bearer, PASSWORD, registerUser, tokenStatusOf, type SignedIn } from "../../../support/client.js";
import { requestHead, sendRaw } from "../../../support/raw-http.js";
import { BASIC_CHALLENGE, USERTOKEN_ERROR } from "../../../support/rest/shapes.js";
import { expectRefused, JSON_TYPE, sendLine, MARKER } from "../../../support/rest/refusals.js";
import { rows, type Operation } from "../../../support/rest/operations.js";
import { describeHostileRequests } from "../../../support/rest/hostile-requests.js";

const MAX_BODY = 64 * 1024;

const UNREADABLE: Record<string, string | Buffer> = {
  "JSON that is cut off": `{"username": "${MARKER}`,
  "a trailing comma": `{"userid": "${MARKER}", "password": "x",}`,
  "single quotes": `{'username': '${MARKER}'}`,
  "a comment": `{"username": "${MARKER}"} // done`,
  "two documents": `{"username": "${MARKER}"}{}`,
  "a form": `username=${MARKER}&password=x`,
  "a raw control character in a text": `{"username": "${MARKER}\u0001"}`,
  NaN: `{"username": NaN}`,
  "a key that reaches for the prototype": `{"username": "${MARKER}", "__proto__": {"role": "root"}}`,
  "the same, written in escapes": `{"username": "${MARKER}", "\\u005f_proto__": {"role": "root"}}`,
  "the same, deep below": `{"password": {"a": [{"__proto__": {"role": "root"}}]}}`,
  "a key that reaches for the constructor's prototype": `{"constructor": {"prototype": {"role": "root"}}}`,
  "bytes that are not UTF-8": Buffer.concat([
    Buffer.from('{"username": "'),
    Buffer.from([0xc3, 0x28, 0x22, 0x7d]),
  ]),
  "UTF-16": Buffer.from(`{"username": "${MARKER}"}`, "utf16le"),
};

const WRONG_TYPES = [
  "text/plain",
  "text/html",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/json+x",
  "application/jsonx",
  "json",
  "///",
  "application/json; charset=latin1",
  MARKER,
];

/** The routes that take a body at all: GET has none. */
const TAKING = rows(({ line }) => !line.startsWith("GET "));
/** Those that want none. */
const BODILESS = rows(({ body }) => body === undefined);

/** What is refused of a body before anybody looks at its values, and which bodies count as none. */
describeHostileRequests("bodies", (gateway) => {
  let user: SignedIn;

  beforeAll(async () => {
    user = await registerUser(gateway.graphql);
  });

  const send = (target: Operation, headers: Record<string, string>, body?: string | Buffer) =>
    sendLine(gateway.url, target.line, { ...target.credential(user), ...headers }, body);

  it.each(TAKING)("%s: an unreadable body is 400", async (_name, target) => {
    for (const body of Object.values(UNREADABLE)) {
      expectRefused(await send(target, JSON_TYPE, body), target, 400);
    }
    expect(await tokenStatusOf(gateway.graphql, bearer(user.token))).toBe("ok");
  });

  it.each(TAKING)("%s: a body of another type is 415, and so is one without", async (_name, target) => {
    const body = JSON.stringify({ ...target.body?.(user), x: MARKER });
    for (const type of WRONG_TYPES) {
      expectRefused(await send(target, { "Content-Type": type }, body), target, 415);
    }
    expectRefused(await send(target, {}, body), target, 415);
    const packed = await send(target, { ...JSON_TYPE, "Content-Encoding": "gzip" }, gzipSync(body));
    expectRefused(packed, target, 415);
    expect(packed.headers["accept-encoding"]).toBe("identity");
  });

  it.each(TAKING)("%s: more than 64 KB are 413, announced or not", async (_name, target) => {
    const huge = JSON.stringify({ x: MARKER, y: "a".repeat(MAX_BODY) });
    expectRefused(await send(target, JSON_TYPE, huge), target, 413);
    const headers = { ...target.credential(user), ...JSON_TYPE, "Transfer-Encoding": "chunked" };
    const chunk = `${huge.length.toString(16)}\r\n${huge}\r\n0\r\n\r\n`;
    expectRefused(await sendRaw(gateway.url, headOf(target, headers), chunk), target, 413);
  });

  it.each(rows(({ access, body }) => access === "public" && body !== undefined))(
    "%s: JSON that is no object, or an empty one, is refused; so is no body at all",
    async (_name, target) => {
      // The shared login asks those for Basic who send no JSON login: they are nobody's in particular.
      const shared = target.line === "POST /auth/login";
      for (const body of [
        "null",
        "true",
        "0",
        '"x"',
        "[]",
        "[{}]",
        "{}",
        `{"${MARKER}": 1}`,
        "",
        undefined,
      ]) {
        const answer = await send(target, JSON_TYPE, body);
        if (shared) expectRefused(answer, { error: USERTOKEN_ERROR }, 401, BASIC_CHALLENGE);
        else expectRefused(answer, target, 400);
      }
    },
  );

  it("usertoken-bearer and usertoken-xauth login, userid-jwt logout: JSON that is neither an object nor empty is 400", async () => {
    for (const [, target] of rows(({ access, body }) => access !== "public" && body !== undefined)) {
      for (const body of ["true", "false", "0", '"x"', '" "', "[{}]", "[null]"]) {
        expectRefused(await send(target, JSON_TYPE, body), target, 400);
      }
    }
  });

  it.each(["null", "[]", '""', " null ", "[ ]"])("where a body may be left out, %s is none", async (body) => {
    for (const [, target] of rows(({ access, body: read }) => access !== "public" || read === undefined)) {
      expect([target.name, (await asNew(target, JSON_TYPE, body)).status]).toEqual([target.name, 200]);
    }
  });

  it.each(BODILESS)("%s: any JSON is taken and not looked at", async (_name, target) => {
    for (const body of ["null", "[]", '"x"', '{"clientfp": [1], "role": "root"}', `[${deep(20_000)}]`]) {
      expect((await asNew(target, JSON_TYPE, body)).status).toBe(200);
    }
  });

  const WITHOUT: [name: string, headers: Record<string, string>, body: string][] = [
    ["neither a length nor a type", {}, ""],
    ["a JSON type", JSON_TYPE, ""],
    ["a length of 0", { "Content-Length": "0" }, ""],
    ["a length of 0 and a JSON type", { "Content-Length": "0", ...JSON_TYPE }, ""],
    ["a length of 0 and a form's type", { "Content-Length": "0", "Content-Type": "multipart/form-data" }, ""],
    ["a length of 0 and HTML", { "Content-Length": "0", "Content-Type": "text/html" }, ""],
    ["a length of 0 and an empty type", { "Content-Length": "0", "Content-Type": "" }, ""],
    ["a type that is none", { "Content-Type": "json" }, ""],
    ["a length of 0 and a coding", { "Content-Length": "0", "Content-Encoding": "gzip" }, ""],
    ...[undefined, "application/json", "text/plain", "multipart/form-data", "///", "", "x/y"].map(
      (type): (typeof WITHOUT)[number] => [
        `chunks, of which there is none, and ${type === undefined ? "no type" : `the type "${type}"`}`,
        { "Transfer-Encoding": "chunked", ...(type === undefined ? {} : { "Content-Type": type }) },
        "0\r\n\r\n",
      ],
    ),
    [
      "chunks, of which there is none, and a trailer",
      { "Transfer-Encoding": "chunked", Trailer: "X-Sum" },
      "0\r\nX-Sum: a\r\n\r\n",
    ],
    [
      "chunks, of which there is none, and a coding",
      { "Transfer-Encoding": "chunked", "Content-Encoding": "gzip" },
      "0\r\n\r\n",
    ],
  ];

  it.each(WITHOUT)("no body is no body: with %s", async (_what, headers, body) => {
    const reading = rows(({ access, body: read }) => access !== "public" || read === undefined);
    for (const [, target] of reading) {
      expect([target.name, (await asNew(target, headers, body, true)).status]).toEqual([target.name, 200]);
    }
  });

  it.each(TAKING)(
    "%s: one byte in chunks, of a type that is not JSON or of none, is 415",
    async (_name, target) => {
      const types: Record<string, string>[] = [
        {},
        { "Content-Type": "text/plain" },
        { "Content-Type": "json" },
      ];
      for (const type of types) {
        const headers = { ...target.credential(user), ...type, "Transfer-Encoding": "chunked" };
        expectRefused(
          await sendRaw(gateway.url, headOf(target, headers), "1\r\n{\r\n0\r\n\r\n"),
          target,
          415,
        );
      }
    },
  );

  it.each(rows(({ access, body }) => access === "public" && body !== undefined))(
    "%s: where a body is needed, no bytes are refused alike, however they are framed",
    async (_name, target) => {
      const framings: [Record<string, string>, string][] = [
        [{}, ""],
        [{ "Content-Type": "" }, ""],
        [{ "Content-Length": "0", "Content-Type": "text/plain" }, ""],
        [{ "Transfer-Encoding": "chunked" }, "0\r\n\r\n"],
        [{ "Transfer-Encoding": "chunked", "Content-Type": "text/plain" }, "0\r\n\r\n"],
      ];
      for (const [headers, body] of framings) {
        const answer = await sendRaw(gateway.url, headOf(target, headers), body);
        if (target.line === "POST /auth/login")
          expectRefused(answer, { error: USERTOKEN_ERROR }, 401, BASIC_CHALLENGE);
        else expectRefused(answer, target, 400);
      }
    },
  );

  it("the type of an empty body still tells that no form of another page sent it", async () => {
    const byCookie = { Cookie: `latchkey_session=${user.token}`, "Transfer-Encoding": "chunked" };
    const bump = rows(({ name }) => name === "usertoken-bearer bump")[0]![1];
    const ask = async (headers: Record<string, string>) =>
      (await sendRaw(gateway.url, headOf(bump, { ...byCookie, ...headers }), "0\r\n\r\n")).status;
    expect([await ask({}), await ask({ "Content-Type": "text/plain" }), await ask(JSON_TYPE)]).toEqual([
      403, 403, 200,
    ]);
  });

  it("keys that a document does not name are not looked at, however deep", async () => {
    const more = { role: "root", privilegeLevel: 3, enabled: false, scopes: ["keys:manage"], constructor: 1 };
    for (const [, target] of rows(({ body, access }) => body !== undefined && access !== "guarded")) {
      const { username } = await registerUser(gateway.graphql);
      const fields = JSON.stringify({ ...target.body!({ ...user, username }), ...more }).slice(0, -1);
      const body = `${fields}, "deep": ${deep(20_000)}}`;
      const credential = target.credential({ ...user, username });
      const answer = await sendLine(gateway.url, target.line, { ...credential, ...JSON_TYPE }, body);
      expect([target.name, answer.status]).toEqual([target.name, 200]);
      expect(answer.body).not.toMatch(/root|"privilegeLevel":[123]|"enabled":false/);
    }
  });

  it("of a key that comes twice the last counts", async () => {
    const ask = async (...passwords: string[]) => {
      const fields = [["username", user.username], ...passwords.map((each) => ["password", each])];
      const body = `{${fields.map(([name, value]) => `"${name}": "${value}"`).join(", ")}}`;
      return (await sendLine(gateway.url, "POST /security/authentication", JSON_TYPE, body)).status;
    };
    expect([await ask(MARKER, PASSWORD), await ask(PASSWORD, MARKER)]).toEqual([200, 401]);
  });

  /** The same with a token of its own: what is taken may end it. `raw`: the body is written as it stands. */
  async function asNew(target: Operation, headers: Record<string, string>, body: string, raw = false) {
    const fresh = { ...user, ...(await makeToken(gateway.graphql, user.token)) };
    const all = { ...target.credential(fresh), ...headers };
    if (!raw) return sendLine(gateway.url, target.line, all, body);
    return sendRaw(gateway.url, headOf(target, all), body);
  }
});

function headOf({ line }: Operation, headers: Record<string, string>): string {
  return requestHead(
    line,
    Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  );
}

const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
