import { registerUser, type SignedIn } from "../../../support/client.js";
import { requestHead, sendRaw } from "../../../support/raw-http.js";
import { expectRefusal, fromRaw, type Answer } from "../../../support/answers.js";
import { onEachGateway } from "../../../support/with-gateway.js";

/** What every answer tells browsers. */
const SECURITY = [
  "cache-control",
  "content-security-policy",
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "referrer-policy",
  "x-content-type-options",
  "x-frame-options",
];

/** What a proxy hands on behind `/verify/` has no meaning for the gateway, however it is spelt. */
onEachGateway("the path behind /verify/ is opaque", (setup) => {
  let user: SignedIn;

  beforeAll(async () => {
    user = await registerUser(setup.graphql);
  });

  const ask = async (headers: string[], line: string): Promise<Answer> =>
    fromRaw(await sendRaw(setup.url, requestHead(line, headers)));
  const bearer = (token: string) => [`Authorization: Bearer ${token}`];

  const TAILS = [
    "caf%e9",
    "100%",
    "%ff",
    "%00",
    "%zz",
    "%",
    "%c0%af",
    "%F0%9F%98%80%",
    "%2e%2e/healthz",
    "../healthz",
    "/",
    "//x",
    "a;b=%",
    ";",
    "#%",
    "?x=%ff",
    "?",
    "%3F",
    "\\",
    "|<>{}^`\"'",
    "a/".repeat(6_000),
    "%e9".repeat(4_000),
    "a".repeat(12_000),
  ];
  const short = (text: string) => `${text.slice(0, 20)} (${text.length})`;
  const security = async (answer: Answer) => {
    const own = await ask([], "GET /healthz");
    for (const name of SECURITY)
      expect([name, answer.headers.get(name)]).toEqual([name, own.headers.get(name)]);
  };

  it.each(TAILS.map((tail) => [short(tail), tail]))("%s", async (_short, tail) => {
    for (const method of ["GET", "POST", "OPTIONS"]) {
      const line = `${method} /verify/${tail}`;
      const known = await ask(bearer(user.token), line);
      expect([method, known.status, known.headers.get("x-user-id")]).toEqual([method, 200, user.id]);
      await security(known);
      const unknown = await ask([], line);
      expectRefusal(unknown, 401, "UNAUTHENTICATED");
      expect(unknown.headers.get("www-authenticate")).toBe('Bearer realm="latchkey"');
      await security(unknown);
    }
  });

  it("in a request target with a host before it too", async () => {
    const line = "GET http://orders.example/verify/caf%e9?scope=keys:manage";
    expect((await ask(bearer(user.token), line)).status).toBe(200);
    expectRefusal(await ask([], line), 401, "UNAUTHENTICATED");
  });

  it("opens no other path", async () => {
    for (const path of ["/verify%2fx", "/%76erify/%ff", "/verify%ff", "/x/verify/%ff", "//verify/%ff"]) {
      const { status } = await ask(bearer(user.token), `GET ${path}`);
      expect([path, [400, 404].includes(status)]).toEqual([path, true]);
    }
  });

  it("what is no HTTP or too long for any path has the security headers too", async () => {
    const refusals = [
      await ask([], "GET /caf%e9"),
      await ask([], "GET /verify/a b"),
      await ask([], "GET /verify/caf\xe9"),
      await ask([], `GET /verify/${"a".repeat(17_000)}`),
    ];
    expect(refusals.map(({ status }) => status)).toEqual([400, 400, 400, 431]);
    for (const answer of refusals) await security(answer);
  });
});
