import { requestHead, sendRaw } from "../../support/raw-http.js";
import { ask, expectRefusal, fromRaw } from "../../support/answers.js";
import { sharedGateway } from "../../support/with-gateway.js";

const PREFLIGHTED = { "apollo-require-preflight": "1" };

const gateway = sharedGateway();

/** Paths, methods, and what GET may do. */
describe("paths and methods", () => {
  const get = (search: string, headers: Record<string, string> = PREFLIGHTED) =>
    ask(`${gateway.url}/graphql?${search}`, { headers });

  it.each(["/", "/nowhere", "/graphql/", "/GRAPHQL", "/.well-known/", "/%2e%2e/etc/passwd", "/<script>"])(
    "nothing is at %s: 404",
    async (path) => {
      expectRefusal(fromRaw(await sendRaw(gateway.url, requestHead(`GET ${path}`))), 404, "NOT_FOUND");
    },
  );

  it("an unknown path is 404 whatever the body", async () => {
    const unread = { method: "POST", headers: { "content-type": "text/xml" }, body: "<a/>" };
    expectRefusal(await ask(`${gateway.url}/nowhere`, unread), 404, "NOT_FOUND");
  });

  it("a path that cannot be decoded is 400", async () => {
    expectRefusal(fromRaw(await sendRaw(gateway.url, requestHead("GET /%zz"))), 400);
  });

  it.each(["TRACE", "PUT", "PATCH", "DELETE", "PROPFIND", "QUERY", "PURGE"])(
    "%s is refused with 405 and Allow, and echoes nothing",
    async (method) => {
      const head = requestHead(`${method} /graphql`, ["X-Marker: echo-me"]);
      const answer = await sendRaw(gateway.url, head);
      expectRefusal(fromRaw(answer), 405);
      expect(answer.headers.allow).toBe("GET, POST, OPTIONS");
      expect(answer.text).not.toContain("echo-me");
    },
  );

  it("a wrong method is 405 whatever the body", async () => {
    const unread = { method: "PUT", headers: { "content-type": "text/xml" }, body: "<a/>" };
    expectRefusal(await ask(`${gateway.url}/graphql`, unread), 405);
  });

  it("a method that is none is 400", async () => {
    expectRefusal(fromRaw(await sendRaw(gateway.url, requestHead("BREW /graphql"))), 400);
  });

  it("OPTIONS says which methods a path knows", async () => {
    const allowed = async (path: string) => {
      const { status, headers } = await ask(`${gateway.url}${path}`, { method: "OPTIONS" });
      return `${status} ${headers.get("allow") ?? ""}`;
    };
    expect(await allowed("/graphql")).toBe("204 GET, POST, OPTIONS");
    expect(await allowed("/healthz")).toBe("204 GET, HEAD, OPTIONS");
  });

  it("HEAD has GET's headers and no body", async () => {
    const [head, whole] = await Promise.all([
      ask(`${gateway.url}/healthz`, { method: "HEAD" }),
      ask(`${gateway.url}/healthz`),
    ]);
    expect([head.status, head.text]).toEqual([200, ""]);
    expect(head.headers.get("content-length")).toBe(String(whole.text.length));
    expect((await ask(`${gateway.url}/graphql`, { method: "HEAD" })).status).toBe(405);
  });

  it("GET runs a query that no plain link or form could have sent", async () => {
    expect((await get("query={me{id}}")).text).toContain('"me":null');
    expect((await get("query={me{id}}", { "content-type": "application/json" })).status).toBe(200);
  });

  it.each([
    ["without a header that makes browsers ask first", {}],
    ["from a page that wants HTML", { accept: "text/html,application/xhtml+xml,*/*;q=0.8" }],
  ])("GET %s is refused with 400", async (_what, headers) => {
    expectRefusal(await get("query={me{id}}", headers), 400);
  });

  it("that refusal names what to change in the clients that send queries by GET, and the header", async () => {
    const { text } = await get("query={me{id}}", {});
    const [{ message, extensions }] = JSON.parse(text).errors as [{ message: string; extensions: object }];
    expect(extensions).toEqual({ code: "BAD_REQUEST" });
    const named = ["preferGetMethod: false", "useGETForQueries: false", "apollo-require-preflight: true"];
    expect(named.filter((name) => !message.includes(name))).toEqual([]);
    expect(message.length).toBeLessThan(300);
  });

  it("GET with a form's content type is refused with 415, also beside that header", async () => {
    expectRefusal(await get("query={me{id}}", { ...PREFLIGHTED, "content-type": "text/plain" }), 415);
  });

  it("GET does not run a mutation: 405, only POST does", async () => {
    const answer = await get("query=mutation{logout{success}}");
    expectRefusal(answer, 405);
    expect(answer.headers.get("allow")).toBe("POST");
  });

  it.each([
    ["query={me{id}}&query={me{username}}"],
    ["query={me{id}}&variables={}&variables={}"],
    ["query={me{id}}&operationName=a&operationName=b"],
    ["query={me{id}}&variables={"],
    ["query={me{id}}&variables=[]"],
    [""],
  ])("GET with parameters that are doubled, broken or missing (%s) is refused with 400", async (search) => {
    expectRefusal(await get(search), 400);
  });

  it("none of these requests causes a warning in the log", () => {
    expect(gateway.output.log).not.toMatch(/"level":"(?:warn|error)"/);
  });
});
