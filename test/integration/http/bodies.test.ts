import { gzipSync } from "node:zlib";
import { requestHead, sendRaw } from "../../support/raw-http.js";
import { ask, expectRefusal, fromRaw, post } from "../../support/answers.js";
import { sharedGateway } from "../../support/with-gateway.js";

const QUERY = JSON.stringify({ query: "{ me { id } }" });

const gateway = sharedGateway();

/** Which bodies are read, and how the others are refused. */
describe("bodies", () => {
  it.each([
    ["malformed JSON", '{"query": '],
    ["an empty body", ""],
    ["null", "null"],
    ["a string", '"{ me { id } }"'],
    ["a number", "1"],
    ["an object without a query", "{}"],
    ["a query that is no string", '{"query": {"kind": "Document"}}'],
    ["a query that is empty", '{"query": ""}'],
    ["variables that are no object", '{"query": "{ me { id } }", "variables": [1]}'],
    ["batching", `[${QUERY}, ${QUERY}]`],
    ["an empty batch", "[]"],
    ["a key that reaches for the prototype", '{"query": "{ me { id } }", "__proto__": {"admin": true}}'],
    [
      "a variable that reaches for the prototype",
      '{"query": "{ me { id } }", "variables": {"__proto__": {"a": 1}}}',
    ],
    [
      "a key that reaches for the constructor",
      '{"query": "{ me { id } }", "constructor": {"prototype": {"a": 1}}}',
    ],
    ["a subscription", '{"query": "subscription { __typename }"}'],
  ])("%s is refused with 400", async (_what, body) => {
    expectRefusal(await ask(gateway.graphql, post(body)), 400);
  });

  it("bytes that are not UTF-8 are refused with 400, not replaced", async () => {
    const body = Buffer.concat([
      Buffer.from('{"query": "{ me { id } }", "x": "'),
      Buffer.from([0xc3, 0x28, 0x22, 0x7d]),
    ]);
    expectRefusal(await ask(gateway.graphql, post(body)), 400);
  });

  it.each([
    "text/plain",
    "text/plain; charset=utf-8",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/html",
    "application/graphql",
    "application/json+x",
    "json",
    "application/json; charset=latin1",
    'application/json; charset="utf-16"',
  ])("a body of the type %s is refused with 415", async (type) => {
    expectRefusal(await ask(gateway.graphql, post(QUERY, { "content-type": type })), 415);
  });

  it("a body without a type is refused with 415", async () => {
    // fetch gives bytes no type of its own.
    expectRefusal(await ask(gateway.graphql, { method: "POST", body: Buffer.from(QUERY) }), 415);
  });

  it("a POST without a body and a type is refused with 400", async () => {
    expectRefusal(await ask(gateway.graphql, { method: "POST" }), 400);
  });

  it.each([[], ["Content-Type: text/plain"], ["Content-Type: json"], ["Content-Encoding: gzip"]])(
    "no bytes in chunks are no body, whatever is said of them: %j",
    async (...headers) => {
      const framed = [...headers, "Transfer-Encoding: chunked", "Apollo-Require-Preflight: 1"];
      for (const line of ["POST /graphql", "POST /revoke"]) {
        const answer = fromRaw(await sendRaw(gateway.graphql, requestHead(line, framed), "0\r\n\r\n"));
        expect([line, answer.status]).toEqual([line, 400]);
      }
    },
  );

  it.each(["gzip", "deflate", "br", "x-unknown"])(
    "a body that is compressed (%s) is refused with 415",
    async (encoding) => {
      const answer = await ask(gateway.graphql, post(gzipSync(QUERY), { "content-encoding": encoding }));
      expectRefusal(answer, 415);
      expect(answer.headers.get("accept-encoding")).toBe("identity");
    },
  );

  it("64 KB are read, one byte more is refused with 413", async () => {
    const fill = (size: number) => QUERY + " ".repeat(size - QUERY.length);
    expect((await ask(gateway.graphql, post(fill(64 * 1024)))).status).toBe(200);
    expectRefusal(await ask(gateway.graphql, post(fill(64 * 1024 + 1))), 413);
  });

  it.each([
    ["with a charset in any form", post(QUERY, { "content-type": 'Application/JSON; Charset="UTF-8"' })],
    ["after a byte order mark", post(`\ufeff${QUERY}`)],
    ["said to be encoded as identity", post(QUERY, { "content-encoding": "identity" })],
    ["with variables that go thousands of levels deep", post(deep())],
    ["for a client that accepts only HTML", post(QUERY, { accept: "text/html" })],
    [
      "for a client that accepts no JSON",
      post(QUERY, { accept: "application/json;q=0, application/json;charset=latin1" }),
    ],
  ])("JSON is read %s", async (_how, request) => {
    const answer = await ask(gateway.graphql, request);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual({ data: { me: null } });
  });

  it("a persisted query is refused in the words that clients fall back on", async () => {
    const extensions = { persistedQuery: { version: 1, sha256Hash: "0".repeat(64) } };
    const answer = await ask(gateway.graphql, post(JSON.stringify({ extensions })));
    expectRefusal(answer, 200, "PERSISTED_QUERY_NOT_SUPPORTED");
  });

  it("none of these requests causes a warning in the log", () => {
    expect(gateway.output.log).not.toMatch(/"level":"(?:warn|error)"/);
  });
});

function deep(): string {
  return `{"query": "{ me { id } }", "variables": {"a": ${"[".repeat(20_000)}${"]".repeat(20_000)}}}`;
}
