import { execFile } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { bearer, registerUser, tokenStatusOf } from "../../support/client.js";
import { connectTo, readAll, sendForEver, sendThenRead } from "../../support/eager-client.js";
import { requestHead, sendRaw } from "../../support/raw-http.js";
import { until } from "../../support/until.js";
import { expectRefusal, fromRaw } from "../../support/answers.js";
import { startOwnGateway } from "../../support/own-gateway.js";
import { withGateway } from "../../support/with-gateway.js";

const MIB = 1024 * 1024;
/** More than the buffers of a connection hold. */
const HUGE = 16 * MIB;
/** More than is read and dropped, with what the buffers hold. */
const DROPPED_AT_MOST = 64 * MIB;

const JSON_TYPE = "Content-Type: application/json";
const LENGTH = `Content-Length: ${HUGE}`;
const CHUNKED = "Transfer-Encoding: chunked";
const HUGE_CHUNK = `${HUGE.toString(16)}\r\n`;
const EXPECT = "Expect: 100-continue";

const gateway = withGateway({ THROTTLE: "on", THROTTLE_FORGERIES: "1/1h" });

const url = () => gateway.url;
const many = Array.from({ length: 120 }, (_, index) => `X-${index}: a`);

/** What is refused before its body has been read, whoever asks. */
const EARLY: [what: string, status: number, line: string, headers: string[]][] = [
  ["413, announced", 413, "POST /graphql", [JSON_TYPE, LENGTH]],
  ["413, in chunks", 413, "POST /graphql", [JSON_TYPE, CHUNKED]],
  ["413 of a dialect", 413, "POST /auth/login", [JSON_TYPE, LENGTH]],
  ["413 of a form", 413, "POST /revoke", ["Content-Type: application/x-www-form-urlencoded", LENGTH]],
  ["415, of another type", 415, "POST /graphql", ["Content-Type: text/plain", LENGTH]],
  ["415, of another type, in chunks", 415, "POST /graphql", ["Content-Type: text/plain", CHUNKED]],
  ["415, of no type", 415, "POST /auth/logout", [LENGTH]],
  ["415, of what is no type", 415, "POST /graphql", ["Content-Type: json", LENGTH]],
  ["415, compressed", 415, "POST /graphql", [JSON_TYPE, "Content-Encoding: gzip", LENGTH]],
  ["431, too many headers", 431, "POST /graphql", [JSON_TYPE, LENGTH, ...many]],
  ["401 of a client", 401, "POST /introspect", ["Content-Type: application/x-www-form-urlencoded", LENGTH]],
  ["401 of forward-auth", 401, "POST /verify", [LENGTH]],
  ["404", 404, "POST /nothing", [JSON_TYPE, LENGTH]],
  ["405", 405, "DELETE /graphql", [JSON_TYPE, LENGTH]],
  ["400, no path", 400, "POST /%ff", [JSON_TYPE, LENGTH]],
  ["417", 417, "POST /graphql", [JSON_TYPE, LENGTH, "Expect: miracles"]],
];

describe("a refusal that comes before the body has been read", () => {
  const keepAlive = (line: string, headers: string[], version = "1.1") =>
    `${[`${line} HTTP/${version}`, "Host: localhost", ...headers].join("\r\n")}\r\n\r\n`;

  it.each(EARLY)(
    "reaches a client that sends to the end before it reads: %s",
    async (_what, status, line, headers) => {
      const [size, before] = headers.includes(CHUNKED) ? [HUGE, HUGE_CHUNK] : [HUGE, ""];
      for (const head of [keepAlive(line, headers), requestHead(line, headers)]) {
        const answer = await sendThenRead(url(), head + before, size);
        expect([answer.status, answer.answers, answer.headers.connection]).toEqual([status, 1, "close"]);
        expect(JSON.parse(answer.body)).toEqual(expect.anything());
      }
    },
  );

  it("reaches a client of HTTP/1.0", async () => {
    const answer = await sendThenRead(url(), keepAlive("POST /graphql", [JSON_TYPE, LENGTH], "1.0"), HUGE);
    expectRefusal(fromRaw(answer), 413);
  });

  it("reaches a client whose headers have no end: 431", async () => {
    const answer = await sendThenRead(url(), "POST /graphql HTTP/1.1\r\nHost: x\r\nX-A: ", HUGE);
    expectRefusal(fromRaw(answer), 431);
    expect(answer.answers).toBe(1);
  });

  it("reaches a client that sends what is no HTTP: 400", async () => {
    const answer = await sendThenRead(url(), "\r\n\r\nhello ", HUGE);
    expectRefusal(fromRaw(answer), 400);
    expect(answer.answers).toBe(1);
  });

  it("reaches a client whose chunks are none: 400", async () => {
    const head = keepAlive("POST /graphql", [JSON_TYPE, CHUNKED]);
    const answer = await sendThenRead(url(), `${head}x\r\n`, HUGE);
    expectRefusal(fromRaw(answer), 400);
    expect(answer.answers).toBe(1);
  });

  it("reaches a client that presents too many invalid tokens: 429", async () => {
    const { token } = await registerUser(`${url()}/graphql`);
    const invalid = `Authorization: Bearer ${token.slice(0, -8)}AAAAAAAA`;
    const statuses: number[] = [];
    // What it judges a second of those whom it has limited is judged first.
    await until(async () => {
      statuses.push((await sendRaw(url(), requestHead("POST /verify", [invalid]))).status);
      return statuses.at(-1) === 429;
    });
    const answer = await sendThenRead(url(), keepAlive("POST /verify", [invalid, LENGTH]), HUGE);
    expect([answer.status, answer.answers]).toEqual([429, 1]);
  });

  it("is the last answer: what is pipelined behind it is not acted on", async () => {
    const { token } = await registerUser(`${url()}/graphql`);
    const logout = keepAlive("POST /auth/logout", [`Authorization: Bearer ${token}`]);
    for (const [line, headers] of [
      ["POST /graphql", [JSON_TYPE, LENGTH]],
      ["POST /introspect", [LENGTH]],
      ["DELETE /graphql", [LENGTH]],
    ] as const) {
      const answer = await sendThenRead(url(), keepAlive(line, [...headers]), HUGE, logout);
      expect(answer.answers).toBe(1);
    }
    expect(await tokenStatusOf(`${url()}/graphql`, bearer(token))).toBe("ok");
  });

  it("comes behind the answers that are due before it", async () => {
    const user = await registerUser(`${url()}/graphql`);
    const body = JSON.stringify({ query: "{ me { id } }" });
    const me = keepAlive("POST /graphql", [
      JSON_TYPE,
      ...Object.entries(bearer(user.token)).map((pair) => pair.join(": ")),
      `Content-Length: ${body.length}`,
    ]);
    for (const [rest, status] of [
      [keepAlive("POST /graphql", [JSON_TYPE, LENGTH]), 413],
      ["hello ", 400],
    ] as const) {
      const { text } = await sendThenRead(url(), `${me}${body}${me}${body}${rest}`, HUGE);
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]));
      expect(statuses).toEqual([200, 200, status]);
    }
  });

  it("does not keep what answers a small request from keeping its connection", async () => {
    const socket = await connectTo(url());
    const request = keepAlive("POST /graphql", [JSON_TYPE, "Content-Length: 2"]);
    for (let count = 0; count < 3; count++) {
      socket.write(`${request}{}`);
      const [answer] = (await once(socket, "data")) as [Buffer];
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer.toString()).toMatch(/^connection: keep-alive/im);
    }
    socket.destroy();
  });
});

describe("a client that never stops", () => {
  it.each([
    ["its body", requestHead("POST /graphql", [JSON_TYPE, CHUNKED]) + "fffffffff\r\n"],
    ["a body that nobody reads", requestHead("POST /nothing", ["Content-Length: 99999999999"])],
    ["a header", "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: "],
  ])("with %s is cut off", async (_what, head) => {
    const sent = await sendForEver(await connectTo(url()), head);
    expect(sent).toBeLessThan(DROPPED_AT_MOST);
  });
});

describe("Expect: 100-continue", () => {
  const small = JSON.stringify({ query: "{ me { id } }" });

  it.each(
    EARLY.filter(([, , , headers]) => headers.includes(LENGTH) && !headers.includes("Expect: miracles")),
  )("what is refused for its headers alone is refused at once: %s", async (_what, status, line, headers) => {
    const socket = await connectTo(url());
    socket.write(requestHead(line, [EXPECT, ...headers]));
    const answer = await readAll(socket);
    expect([answer.status, answer.answers]).toEqual([status, 1]);
  });

  it.each([
    ["with its length", [`Content-Length: ${small.length}`], small],
    ["in chunks", [CHUNKED], `${small.length.toString(16)}\r\n${small}\r\n0\r\n\r\n`],
    ["in any case", [`Content-Length: ${small.length}`, "expect: 100-CONTINUE, 100-continue"], small],
  ])("a body that may come is asked for, %s", async (_how, headers, body) => {
    const socket = await connectTo(url());
    socket.write(requestHead("POST /graphql", [JSON_TYPE, EXPECT, ...headers]));
    const [first] = (await once(socket, "data")) as [Buffer];
    expect(first.toString()).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    socket.write(body);
    const answer = await readAll(socket);
    expect([answer.status, answer.answers]).toEqual([200, 1]);
  });

  it("is not answered where no body is read", async () => {
    const answer = await sendRaw(url(), requestHead("GET /healthz", [EXPECT]));
    expect([answer.status, answer.answers]).toEqual([200, 1]);
  });

  it("is ignored in HTTP/1.0 (RFC 9110 section 10.1.1), like every expectation", async () => {
    for (const expectation of [EXPECT, "Expect: miracles"]) {
      const head = requestHead("POST /graphql", [JSON_TYPE, expectation, `Content-Length: ${small.length}`]);
      const answer = await sendRaw(url(), head.replace("HTTP/1.1", "HTTP/1.0"), small);
      expect([answer.status, answer.answers]).toEqual([200, 1]);
    }
  });

  it.each(["miracles", "100-continue, miracles", "100-continued", "100-continue=1"])(
    "an expectation that is not known is refused with 417: %s",
    async (expectation) => {
      const head = requestHead("POST /graphql", [JSON_TYPE, `Expect: ${expectation}`, "Content-Length: 2"]);
      expectRefusal(fromRaw(await sendRaw(url(), head)), 417);
    },
  );
});

describe("clients as they are", () => {
  const body = Buffer.alloc(5 * MIB, " ");

  it.each([
    ["/graphql", "application/json", 413],
    ["/graphql", "text/plain", 415],
    ["/auth/login", "application/json", 413],
    ["/introspect", "application/x-www-form-urlencoded", 401],
  ])("fetch is told of %s with 5 MiB of %s: %d", async (path, type, status) => {
    const answer = await fetch(`${url()}${path}`, {
      method: "POST",
      headers: { "content-type": type },
      body,
    });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual(expect.anything());
  });

  it("a fetch that streams is told", async () => {
    const stream = new ReadableStream({
      pull: (controller) => {
        controller.enqueue(body.subarray(0, 64 * 1024));
      },
    });
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: stream,
      duplex: "half",
    };
    const answer = await fetch(`${url()}/graphql`, init as RequestInit);
    expect(answer.status).toBe(413);
    expect(await answer.json()).toEqual(expect.anything());
  });

  it.each([
    ["as it is", []],
    ["without Expect", ["-H", "Expect:"]],
    ["with Expect", ["-H", "Expect: 100-continue"]],
    ["in chunks", ["-H", "Transfer-Encoding: chunked", "-H", "Expect:"]],
    ["by HTTP/1.0", ["-0"]],
  ])("curl is told, %s", async (_how, more) => {
    const options = [
      "-sS",
      "--data-binary",
      "@-",
      "-H",
      "Content-Type: application/json",
      "-w",
      "\n%{http_code}",
    ];
    const running = promisify(execFile)("curl", [...options, ...more, `${url()}/graphql`]);
    running.child.stdin?.on("error", () => undefined).end(body);
    const { stdout } = await running;
    const [text = "", status] = stdout.trim().split("\n");
    expectJson(text);
    expect(status).toBe("413");
  });
});

describe("a stop", () => {
  it("does not wait for a client that goes on sending after its answer", async () => {
    const own = await startOwnGateway();
    const socket = await connectTo(own.url);
    socket.on("error", () => undefined);
    socket.write(requestHead("POST /graphql", [JSON_TYPE, LENGTH]));
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /);
    const dripping = setInterval(() => socket.write(" "), 50);
    // It would never end, if it waited.
    await own.close();
    clearInterval(dripping);
  });

  it.each([
    ["sends nothing", ""],
    ["has sent a part of its headers", "POST /graphql HTTP/1.1\r\nHost: "],
  ])("does not wait for a client that %s", async (_what, sent) => {
    const own = await startOwnGateway();
    const socket = await connectTo(own.url);
    socket.on("error", () => undefined);
    if (sent) socket.write(sent);
    const ended = once(socket.resume(), "end");
    await own.close();
    await ended;
  });
});

function expectJson(text: string): void {
  expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: "BAD_REQUEST" } }] });
}
