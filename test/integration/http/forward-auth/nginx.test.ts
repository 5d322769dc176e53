import { readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import {
  PASSWORD,
  bearer,
  loginUser,
  registerUser,
  send,
  uniqueName,
  type SignedIn,
} from "../../../support/client.js";
import { runCommand } from "../../../support/gateway.js";
import { hasNginx, startNginx } from "../../../support/nginx.js";
import { requestHead, sendRaw } from "../../../support/raw-http.js";
import { makeToken } from "../../../support/token-calls.js";
import { startOwnGateway, type OwnGateway } from "../../../support/own-gateway.js";
import { MY_SCOPES } from "../../../support/service-endpoints.js";
import { freePort } from "../../../support/free-port.js";

const DOCUMENT = readFileSync(join(import.meta.dirname, "../../../../docs/service-endpoints.md"), "utf8");

/** The configuration that the documentation shows, at the addresses of this test. */
function documented(latchkey: number, orders: number, own: number): string {
  const block = /<!-- nginx -->\n```nginx\n([\s\S]*?)```\n<!-- \/nginx -->/.exec(DOCUMENT)?.[1];
  if (!block) throw new Error("the documentation shows no configuration of nginx");
  return block
    .replace("127.0.0.1:4000", `127.0.0.1:${latchkey}`)
    .replace("127.0.0.1:8080", `127.0.0.1:${orders}`)
    .replace("127.0.0.1:8000", `127.0.0.1:${own}`);
}

interface Received {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** A service that writes down what reaches it. */
async function startService(): Promise<{ port: number; received: Received[]; server: Server }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const { method, url, headers } = request;
      received.push({ method, url, headers, body });
      response.setHeader("content-length", "8");
      response.end("an order");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, received, server };
}

(hasNginx ? describe : describe.skip)("forward-auth by nginx, set up as documented", () => {
  let gateway: OwnGateway;
  let service: Awaited<ReturnType<typeof startService>>;
  let nginx: { stop(): Promise<void> };
  let url: string;
  let ann: SignedIn;

  beforeAll(async () => {
    gateway = await startOwnGateway();
    service = await startService();
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    nginx = await startNginx(documented(Number(new URL(gateway.url).port), service.port, port), port);
    ann = await registerUser(gateway.graphql, { username: uniqueName("Änn") });
  });

  afterAll(async () => {
    await nginx.stop();
    await new Promise((resolve) => service.server.close(resolve));
    await gateway.close();
  });

  beforeEach(() => {
    service.received.length = 0;
  });

  const ask = (headers: string[], line = "GET /orders?x=1", body: string | Buffer = "") =>
    sendRaw(url, requestHead(line, headers), body);
  const by = (token: string) => `Authorization: Bearer ${token}`;
  const IDENTITY = ["x-user-id", "x-user-name", "x-user-role", "x-user-scopes"];
  const SPOOFED = [
    "X-User-Id: root",
    "x-user-name: root",
    "X-USER-ROLE: root",
    "X-User-Scopes: keys:manage",
    "X-Privilege-Token: forged",
    "X_User_Role: root",
    "X-User-Role: root",
  ];

  it("a signed-in request reaches the service, with who sent it and without the credential", async () => {
    const answer = await ask([by(ann.token), ...SPOOFED]);
    expect([answer.status, answer.body]).toEqual([200, "an order"]);
    const [request] = service.received;
    expect([request!.method, request!.url]).toEqual(["GET", "/orders?x=1"]);
    expect(IDENTITY.map((name) => request!.headers[name])).toEqual([
      ann.id,
      encodeURIComponent(ann.username),
      "viewer",
      MY_SCOPES,
    ]);
    expect(request!.headers["x-privilege-token"]).toMatch(/^ey/);
    expect(request!.headers.x_user_role).toBeUndefined();
    expect(JSON.stringify(request!.headers)).not.toContain(ann.token);
  });

  it("no scopes take the client's own away too", async () => {
    const { token } = await makeToken(gateway.graphql, ann.token, { scopes: [] });
    expect((await ask([by(token), ...SPOOFED])).status).toBe(200);
    expect(service.received[0]!.headers["x-user-scopes"]).toBe("-");
    expect(service.received[0]!.headers["x-user-role"]).toBe("viewer");
  });

  it.each([
    ["no credential", []],
    ["no credential, but an identity", SPOOFED],
    ["a token with a bad signature", ["Authorization: Bearer a.b.c"]],
    ["a user name and password", ["Authorization: Basic YTpi"]],
    ["the route's own address", ["X-Original-URI: /public"]],
  ])("%s is 401 with the challenge, and the service hears nothing", async (_what, headers) => {
    const answer = await ask(headers);
    expect([answer.status, service.received]).toEqual([401, []]);
    expect(answer.headers["www-authenticate"]).toMatch(/^Bearer realm="latchkey"/);
  });

  it("the route itself cannot be reached through nginx", async () => {
    expect((await ask([by(ann.token)], "GET /_verify")).status).toBe(404);
  });

  it("two credentials are refused", async () => {
    expect((await ask([by(ann.token), `X-Auth-Token: ${ann.token}`])).status).toBe(500);
    expect(service.received).toEqual([]);
  });

  it.each(["POST", "PUT", "PATCH", "DELETE"])(
    "a %s goes on with its body, whatever that is",
    async (method) => {
      const body = Buffer.alloc(200_000, "ÿ");
      const headers = [
        by(ann.token),
        "Content-Type: application/x-protobuf",
        "Content-Encoding: gzip",
        `Content-Length: ${body.length}`,
      ];
      expect((await ask(headers, `${method} /orders`, body)).status).toBe(200);
      expect(service.received[0]!.method).toBe(method);
      expect(service.received[0]!.body.equals(body)).toBe(true);
    },
  );

  it("a logout is seen by the next request", async () => {
    const { token } = await loginUser(gateway.graphql, { userid: ann.username, password: PASSWORD });
    expect((await ask([by(token)])).status).toBe(200);
    await send(gateway.graphql, "mutation { logout { success } }", {}, bearer(token));
    expect([(await ask([by(token)])).status, service.received.length]).toEqual([401, 1]);
  });

  it("by the cookie, a cross-site page can read and cannot write", async () => {
    const cookie = `Cookie: latchkey_session=${ann.token}; other=1`;
    const crossSite = [cookie, "Sec-Fetch-Site: cross-site", "Origin: https://evil.example"];
    const form = ["Content-Type: application/x-www-form-urlencoded", "Content-Length: 3"];
    expect((await ask(crossSite)).status).toBe(200);
    expect((await ask([...crossSite, ...form], "POST /orders", "a=b")).status).toBe(403);
    // A client that says otherwise is not believed.
    for (const name of ["X-Original-Method", "X-Forwarded-Method"]) {
      const lying = [...crossSite, ...form, `${name}: GET`];
      expect((await ask(lying, "POST /orders", "a=b")).status).toBe(403);
    }
    const own = [cookie, "Sec-Fetch-Site: same-origin", ...form];
    expect((await ask(own, "POST /orders", "a=b")).status).toBe(200);
    expect(service.received.map(({ method }) => method)).toEqual(["GET", "POST"]);
    expect(service.received[0]!.headers.cookie).toBeUndefined();
  });

  it("a session cookie that is refused is removed from the browser, and no other", async () => {
    const { token } = await loginUser(gateway.graphql, { userid: ann.username, password: PASSWORD });
    const cookie = [`Cookie: latchkey_session=${token}`];
    const known = await ask(cookie);
    expect([known.status, known.headers["set-cookie"]]).toEqual([200, undefined]);
    await send(gateway.graphql, "mutation { logout { success } }", {}, bearer(token));
    const refused = await ask(cookie);
    expect([refused.status, refused.headers["set-cookie"]]).toEqual([
      401,
      expect.stringMatching(/^latchkey_session=; Max-Age=0; Path=\/;/),
    ]);
    expect((await ask([by(token)])).headers["set-cookie"]).toBeUndefined();
  });

  it("a location can ask for a scope", async () => {
    const admin = await registerUser(gateway.graphql);
    await runCommand(["users", "role", admin.username, "admin"], {
      DATABASE_URL: `sqlite:${gateway.databaseFile}`,
    });
    const { token } = await loginUser(gateway.graphql, { userid: admin.username, password: PASSWORD });
    expect((await ask([by(token)], "GET /reports/1")).status).toBe(200);
    expect((await ask([by(ann.token)], "GET /reports/1?scope=account:read")).status).toBe(403);
    expect(service.received.map(({ headers }) => headers["x-user-id"])).toEqual([admin.id]);
  });

  describe("a CORS preflight", () => {
    const preflight = ["Origin: https://app.example", "Access-Control-Request-Method: POST"];

    it("reaches a service that answers preflights itself, with nobody's name and no credential", async () => {
      for (const credential of [[], [by(ann.token)], ["Cookie: latchkey_session=x"]]) {
        service.received.length = 0;
        const answer = await ask([...preflight, ...credential, ...SPOOFED], "OPTIONS /api/orders?x=%ff");
        expect([answer.status, service.received.length]).toEqual([200, 1]);
        const [{ method, headers }] = service.received as [Received];
        expect([method, headers.origin]).toEqual(["OPTIONS", "https://app.example"]);
        expect(headers["access-control-request-method"]).toBe("POST");
        for (const name of [...IDENTITY, "x-privilege-token", "authorization", "cookie"])
          expect([name, headers[name]]).toEqual([name, undefined]);
      }
    });

    it.each([
      ["elsewhere", "OPTIONS /orders", preflight],
      ["without an origin", "OPTIONS /api/orders", preflight.slice(1)],
      ["that wants no method", "OPTIONS /api/orders", preflight.slice(0, 1)],
      ["that is a POST", "POST /api/orders", preflight],
      ["that is a GET", "GET /api/orders", preflight],
      ["that is a POST and says otherwise", "POST /api/orders", [...preflight, "X-Original-Method: OPTIONS"]],
      ["that is a PUT and says otherwise", "PUT /api/orders", [...preflight, "X-Forwarded-Method: OPTIONS"]],
    ])("%s is 401, and the service hears nothing", async (_what, line, headers) => {
      const answer = await ask([...headers, "Content-Length: 0"], line);
      expect([answer.status, service.received]).toEqual([401, []]);
    });

    it("is followed by the request itself, with its token and its sender's name", async () => {
      const answer = await ask([by(ann.token), ...preflight, "Content-Length: 0"], "POST /api/orders");
      expect(answer.status).toBe(200);
      expect(service.received[0]!.headers["x-user-id"]).toBe(ann.id);
    });
  });

  /** Last: it stops what the others need. */
  it("without the gateway nobody is let through", async () => {
    await gateway.stop();
    expect((await ask([by(ann.token), ...SPOOFED])).status).toBe(500);
    expect(service.received).toEqual([]);
  });
});
