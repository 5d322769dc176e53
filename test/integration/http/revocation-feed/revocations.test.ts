import { makeClient, type ServiceClient } from "../../../support/service-client.js";
import { connect } from "node:net";
import BetterSqlite3 from "better-sqlite3";
import { basic, bearer, registerUser } from "../../../support/client.js";
import { feedOf, type Feed } from "../../../support/feed.js";
import { runCommand } from "../../../support/gateway.js";
import { requestHead, sendRaw } from "../../../support/raw-http.js";
import { logout } from "../../../support/token-calls.js";
import { ask, expectRefusal, fromRaw } from "../../../support/answers.js";
import { startOwnGateway } from "../../../support/own-gateway.js";
import { withGateway } from "../../../support/with-gateway.js";

const STREAM = "text/event-stream";

/** Until it is let in: the gateway learns a little later that somebody has left. */
async function persistently<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

describe("GET /revocations", () => {
  const gateway = withGateway();
  let settings: { DATABASE_URL: string };
  let client: ServiceClient;
  let feed: Feed;
  let url: string;

  beforeAll(async () => {
    settings = { DATABASE_URL: `sqlite:${gateway.databaseFile}` };
    client = await makeClient(settings);
    feed = feedOf(gateway, client);
    url = `${gateway.url}/revocations`;
    for (let i = 0; i < 3; i++) {
      const { token } = await registerUser(gateway.graphql);
      await logout(gateway.graphql, bearer(token));
    }
  });

  const sql = (statement: string) => {
    const handle = new BetterSqlite3(gateway.databaseFile, { timeout: 5_000 });
    handle.exec(statement);
    handle.close();
  };

  describe.each([
    ["a page", "application/json"],
    ["the stream", STREAM],
  ])("%s", (_what, accept) => {
    it.each([
      ["no credential", {}],
      ["a wrong secret", () => basic(client.id, "lkc_wrong")],
      ["an unknown client", basic("9b2c7e1e-0d3f-4d5b-8f4e-1f6a2b3c4d5e", "lkc_secret")],
      ["a user's name and password", basic("ann", "correct horse battery staple")],
      ["malformed Basic", { authorization: "Basic ~~~" }],
      ["a bearer token", bearer("a.b.c")],
    ])("needs a client; %s is 401, and says how to prove it", async (_name, credential) => {
      const headers = typeof credential === "function" ? credential() : credential;
      const answer = await ask(url, { headers: { accept, ...(headers as Record<string, string>) } });
      expect([answer.status, JSON.parse(answer.text)]).toEqual([401, { error: "invalid_client" }]);
      expect(answer.headers.get("www-authenticate")).toBe('Basic realm="latchkey", charset="UTF-8"');
      expect(answer.headers.get("cache-control")).toBe("no-store");
    });

    it("a user's own token is no client", async () => {
      const { token } = await registerUser(gateway.graphql);
      expect((await ask(url, { headers: { accept, ...bearer(token) } })).status).toBe(401);
    });

    it("two Authorization headers are 400", async () => {
      const header = `Authorization: ${client.headers.authorization}`;
      const answer = await sendRaw(
        gateway.url,
        requestHead("GET /revocations", [header, header, `Accept: ${accept}`]),
      );
      expectRefusal(fromRaw(answer), 400);
    });

    it.each([
      ["empty", ""],
      ["negative", "-1"],
      ["signed", "+1"],
      ["a fraction", "1.0"],
      ["an exponent", "1e3"],
      ["hexadecimal", "0x10"],
      ["after a space", " 1"],
      ["before a space", "1 "],
      ["two", "1,2"],
      ["not a number", "NaN"],
      ["null", "null"],
      ["of other digits", "\uff11"],
      ["before a NUL", "1\u0000"],
      ["of 20 digits", "12345678901234567890"],
      ["of 10,000 digits", "9".repeat(10_000)],
      ["SQL", "'; DROP TABLE revocation; --"],
    ])("a position that is %s is 400", async (_name, after) => {
      const answer = await ask(`${url}?after=${encodeURIComponent(after)}`, {
        headers: { accept, ...client.headers },
      });
      expectRefusal(answer, 400);
      if (after.length > 4) expect(answer.text).not.toContain(after);
    });

    it.each(["after=1&after=2", "after=1&after=1", "after=1&after="])(
      "a position that is given twice (%s) is 400",
      async (query) => {
        expectRefusal(await ask(`${url}?${query}`, { headers: { accept, ...client.headers } }), 400);
      },
    );

    it.each(["4", "9007199254740993", "9999999999999999999"])(
      "a position that was never given (%s) is 409: the follower starts anew",
      async (after) => {
        const answer = await ask(`${url}?after=${after}`, { headers: { accept, ...client.headers } });
        expectRefusal(answer, 409, "CONFLICT");
      },
    );
  });

  it.each(["-1", "x", "1, 2", "12345678901234567890", "1\u00b2"])(
    "Last-Event-ID: %s is 400 on the stream, and nothing to a page",
    async (id) => {
      const headers = { ...client.headers, "last-event-id": id };
      expectRefusal(await ask(url, { headers: { ...headers, accept: STREAM } }), 400);
      expect((await ask(url, { headers })).status).toBe(200);
    },
  );

  it("Last-Event-ID twice is 400", async () => {
    const answer = await sendRaw(
      gateway.url,
      requestHead("GET /revocations", [
        `Authorization: ${client.headers.authorization}`,
        `Accept: ${STREAM}`,
        "Last-Event-ID: 1",
        "Last-Event-ID: 1",
      ]),
    );
    expectRefusal(fromRaw(answer), 400);
  });

  it("a page is JSON that holds a signed batch, and nothing else; it is not to be kept", async () => {
    const response = await feed.ask("?after=1");
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("vary")).toBe("accept");
    const body = (await response.json()) as { batch: string };
    expect(Object.keys(body)).toEqual(["batch"]);
    const parts = body.batch.split(".").slice(0, 2);
    const [head, payload] = parts.map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
    expect(Object.keys(head).sort()).toEqual(["alg", "kid", "typ"]);
    expect([head.alg, head.typ]).toEqual(["ES256", "revocations+jwt"]);
    expect(Object.keys(payload).sort()).toEqual(["after", "entries", "iat", "iss", "more", "to", "v"]);
    expect([payload.after, payload.to, payload.v]).toEqual(["1", "3", 1]);
  });

  it.each([
    ["*/*", "application/json"],
    ["application/json", "application/json"],
    ["", "application/json"],
    ["text/event-streams", "application/json"],
    ["text/event-stream", STREAM],
    ["Text/Event-Stream; charset=utf-8", STREAM],
    ["text/plain;q=0.1, text/event-stream", STREAM],
  ])("Accept: %s is answered with %s", async (accept, type) => {
    const aborter = new AbortController();
    const response = await fetch(url, { headers: { ...client.headers, accept }, signal: aborter.signal });
    expect(response.headers.get("content-type")).toContain(type);
    aborter.abort();
  });

  it.each(["POST", "PUT", "DELETE", "HEAD", "PATCH"])("%s is 405", async (method) => {
    const { status, headers } = await ask(url, { method, headers: client.headers });
    expect([status, headers.get("allow")]).toEqual([405, "GET, OPTIONS"]);
  });

  it("a batch is no token: the gateway takes it for none", async () => {
    const { batch } = (await (await feed.ask()).json()) as { batch: string };
    const answer = await ask(gateway.graphql, {
      method: "POST",
      headers: { "content-type": "application/json", ...bearer(batch) },
      body: JSON.stringify({ query: "{ privilegeToken { privilege } }" }),
    });
    expect(answer.text).toContain("INVALID_CREDENTIAL");
  });

  it("a client that is revoked is cut off, also from a stream that is open", async () => {
    const other = await makeClient(settings);
    const follower = await feedOf(gateway, other).follow();
    await runCommand(["clients", "revoke", other.id], settings);
    expect((await feedOf(gateway, other).ask()).status).toBe(401);
    await follower.ended;
  });

  it("a client has at most 100 streams; another still gets in, pages are served, and who leaves makes room", async () => {
    const [many, other] = [await makeClient(settings), await makeClient(settings)];
    const crowd = await Promise.all(Array.from({ length: 100 }, () => feedOf(gateway, many).follow()));
    const refused = await ask(url, { headers: { ...many.headers, accept: STREAM } });
    expectRefusal(refused, 429, "TOO_MANY_REQUESTS");
    expect(refused.headers.get("retry-after")).toBe("1");
    expect((await feedOf(gateway, many).ask()).status).toBe(200);
    const follower = await feedOf(gateway, other).follow();
    await follower.until(() => follower.batches.length > 1);
    follower.leave();
    crowd[0]!.leave();
    await crowd[0]!.ended;
    const again = await persistently(() => feedOf(gateway, many).follow());
    for (const one of [...crowd, again]) one.leave();
  });

  it("a follower that reads nothing is cut off, and one that is slow gets everything", async () => {
    // More than what lies in the buffers of two sockets.
    const rows = 120_000;
    sql(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
      INSERT INTO revocation (id, position, kind, subject, creationTime)
      SELECT 'many-' || i, 3 + i, 'token', 'many-' || i, 1 FROM n;
      UPDATE revocation_head SET position = 3 + ${rows}`);
    const { hostname, port } = new URL(gateway.url);
    const stalled = connect(Number(port), hostname);
    const head = [`Authorization: ${client.headers.authorization}`, `Accept: ${STREAM}`];
    stalled.write(requestHead("GET /revocations", head));
    stalled.pause();
    const slow = await feed.follow();
    await slow.until(() => slow.lastId() === String(3 + rows));
    expect(slow.entries()).toHaveLength(3 + rows);
    slow.leave();

    // Longer than the gateway waits.
    await new Promise((resolve) => setTimeout(resolve, 11_000));
    stalled.setEncoding("latin1").on("error", () => undefined);
    let received = "";
    stalled.on("data", (text: string) => (received = received.slice(-1_000_000) + text));
    const closed = new Promise((resolve) => stalled.on("close", resolve));
    stalled.resume();
    await closed;
    expect(received).toContain("event: batch");
    expect(received).not.toContain(`id: ${3 + rows}\n`);
  });

  it("a database that was set back ends the streams; who saw more is told to start anew", async () => {
    const follower = await feed.follow({ after: await feed.head() });
    await follower.until(() => follower.batches.length > 0);
    sql("DELETE FROM revocation WHERE position > 2; UPDATE revocation_head SET position = 2");
    await follower.ended;
    await expect(feed.follow({ lastEventId: follower.lastId() })).rejects.toThrow("409");
    const again = await feed.follow();
    await again.until(() => again.lastId() === "2");
    again.leave();
  });

  it("told to stop, the gateway ends its streams at once", async () => {
    const own = await startOwnGateway();
    const ownClient = await makeClient({ DATABASE_URL: `sqlite:${own.databaseFile}` });
    const followers = await Promise.all(Array.from({ length: 20 }, () => feedOf(own, ownClient).follow()));
    const began = performance.now();
    const stopped = own.stop();
    await Promise.all(followers.map(({ ended }) => ended));
    await stopped;
    // The drain gives up after ten seconds.
    expect(performance.now() - began).toBeLessThan(5_000);
    await own.close();
  });
});
