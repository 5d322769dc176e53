import { registerUser } from "../../support/client.js";
import { requestHead, sendRaw } from "../../support/raw-http.js";
import { expectRefusal, fromRaw } from "../../support/answers.js";
import { sharedGateway } from "../../support/with-gateway.js";

const LF = (text: string) => text.replaceAll("\r\n", "\n");

const gateway = sharedGateway();

/** What is not quite HTTP, or HTTP that two readers may read differently. */
describe("malformed and ambiguous HTTP", () => {
  const raw = async (...chunks: string[]) => fromRaw(await sendRaw(gateway.url, ...chunks));
  const health = (...headers: string[]) => raw(requestHead("GET /healthz", headers));

  it.each([
    ["a length and chunks", ["Content-Length: 5", "Transfer-Encoding: chunked"]],
    ["two lengths", ["Content-Length: 5", "Content-Length: 6"]],
    ["a length that is none", ["Content-Length: -1"]],
    ["a transfer coding that is none", ["Transfer-Encoding: xchunked"]],
    ["NUL in a header", ["X-A: a\0b"]],
    ["a folded header", ["X-A: a\r\n b"]],
    ["a space before the colon", ["X-A : a"]],
    ["a header without a colon", ["X-A"]],
  ])("%s is refused with 400", async (_what, headers) => {
    expectRefusal(await raw(requestHead("POST /graphql", headers), "0\r\n\r\n"), 400);
  });

  it("what is smuggled behind a body of two lengths is not answered", async () => {
    const smuggled = requestHead("GET /healthz");
    const head = requestHead("POST /graphql", ["Content-Length: 5", "Transfer-Encoding: chunked"]);
    const answer = await sendRaw(gateway.url, `${head}0\r\n\r\n${smuggled}`);
    expectRefusal(fromRaw(answer), 400);
    expect(answer.answers).toBe(1);
  });

  it.each([
    ["lines that end with a bare line feed", LF(requestHead("GET /healthz"))],
    ["no host", requestHead("GET /healthz", [], "X-A: b")],
    ["two hosts", requestHead("GET /healthz", ["Host: other"])],
    ["HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
  ])("%s is refused with 400", async (_what, text) => {
    expectRefusal(await raw(text), 400);
  });

  it("headers of more than 16 KB are refused with 431", async () => {
    expect((await health(`X-A: ${"a".repeat(15 * 1024)}`)).status).toBe(200);
    expectRefusal(await health(`X-A: ${"a".repeat(16 * 1024)}`), 431);
  });

  it("a hundred headers are read, one more is refused with 431", async () => {
    // Host and Connection are two of them.
    const more = (count: number) => Array.from({ length: count }, (_, index) => `X-${index}: a`);
    expect((await health(...more(98))).status).toBe(200);
    expectRefusal(await health(...more(99)), 431);
    expectRefusal(await health(...more(1_500)), 431);
  });

  it("a second Authorization header beyond any number of others does not go unseen", async () => {
    const { token } = await registerUser(`${gateway.url}/graphql`);
    const body = JSON.stringify({ query: "{ me { id } }" });
    const ask = (fillers: number) =>
      raw(
        requestHead("POST /graphql", [
          `Authorization: Bearer ${token}`,
          ...Array.from({ length: fillers }, (_, index) => `a${index}: b`),
          "Authorization: Basic YTpi",
          "Content-Type: application/json",
          `Content-Length: ${body.length}`,
        ]),
        body,
      );
    expectRefusal(await ask(3), 400);
    expectRefusal(await ask(94), 400);
    expectRefusal(await ask(200), 431);
    expectRefusal(await ask(1_100), 431);
  });

  it("a request that stops half way is answered with 408 in the time that is set for headers", async () => {
    // 5 s and a look every second; the helper gives up after 10.
    const started = performance.now();
    expectRefusal(fromRaw(await sendRaw(gateway.url, "POST /graphql HTTP/1.1\r\nHost: x\r\nX-A: ")), 408);
    expect(performance.now() - started).toBeLessThan(9_000);
  });

  it("none of these requests causes a warning in the log", () => {
    expect(gateway.output.log).not.toMatch(/"level":"(?:warn|error)"/);
  });
});
