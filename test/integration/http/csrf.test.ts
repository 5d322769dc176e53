import { bearer, loginUser, PASSWORD, registerUser, send, type SignedIn } from "../../support/client.js";
import { requestHead, sendRaw } from "../../support/raw-http.js";
import { expectRefusal, fromRaw, type Answer } from "../../support/answers.js";
import { withGateway } from "../../support/with-gateway.js";

const CREATE = 'mutation { createUserToken(input: {note: "by a page"}) { token } }';
const COUNT = "{ userTokens { totalCount } }";

const OWN = "https://auth.example.org";
const ALLOWED = "https://app.example.org";
const COOKIE_NAME = "__Host-latchkey_session";
/** TLS ends at a proxy: the gateway itself speaks plain HTTP. */
const gateway = withGateway({ ISSUER: OWN, ALLOWED_ORIGINS: ALLOWED });

/** Who may act by the session cookie: pages of the gateway's own origin and of those it is set to allow. */
describe("cross-site requests by session cookie", () => {
  let user: SignedIn;

  beforeAll(async () => {
    user = await registerUser(gateway.graphql);
  });

  const tokens = async () =>
    (await send(gateway.graphql, COUNT, {}, bearer(user.token))).data.userTokens.totalCount as number;

  /** Over the bare socket: fetch writes some of these headers itself. */
  const ask = async (
    query: string,
    headers: string[],
    token: string | null = user.token,
  ): Promise<Answer> => {
    const body = JSON.stringify({ query });
    const fixed = ["Content-Type: application/json", `Content-Length: ${body.length}`];
    const cookie = token === null ? [] : [`Cookie: ${COOKIE_NAME}=${token}`];
    return fromRaw(
      await sendRaw(gateway.graphql, requestHead("POST /graphql", [...fixed, ...cookie, ...headers]), body),
    );
  };

  it.each([
    ["a page of the same origin", ["Sec-Fetch-Site: same-origin"]],
    ["the user, by the address bar", ["Sec-Fetch-Site: none"]],
    ["a page of an allowed origin on another site", ["Sec-Fetch-Site: cross-site", `Origin: ${ALLOWED}`]],
    ["a page of an allowed origin on the same site", ["Sec-Fetch-Site: same-site", `Origin: ${ALLOWED}`]],
    ["an older browser, on a page of the gateway", [`Origin: ${OWN}`]],
    ["an older browser, on a page of an allowed origin", [`Origin: ${ALLOWED}`]],
    ["no browser: JSON without either header", []],
  ])("a mutation by cookie is done for %s", async (_who, headers) => {
    const before = await tokens();
    const answer = await ask(CREATE, headers);
    expect([answer.status, JSON.parse(answer.text).errors]).toEqual([200, undefined]);
    expect(await tokens()).toBe(before + 1);
  });

  it.each([
    ["another site", ["Sec-Fetch-Site: cross-site"]],
    ["another origin of the same site", ["Sec-Fetch-Site: same-site"]],
    ["another site that names its origin", ["Sec-Fetch-Site: cross-site", "Origin: https://evil.example"]],
    [
      "a neighbour that names its origin",
      ["Sec-Fetch-Site: same-site", "Origin: https://neighbour.example.org"],
    ],
    ["a sandboxed frame", ["Sec-Fetch-Site: cross-site", "Origin: null"]],
    ["an older browser on another site", ["Origin: https://evil.example"]],
    ["an older browser in a sandboxed frame", ["Origin: null"]],
    ["an origin that only begins like an allowed one", [`Origin: ${ALLOWED}.evil.example`]],
    ["an allowed host without TLS", [`Origin: ${ALLOWED.replace("https", "http")}`]],
    ["an allowed host on another port", [`Origin: ${ALLOWED}:8443`]],
    ["an allowed origin beside another one", [`Origin: ${ALLOWED}, https://evil.example`]],
    ["an empty origin", ["Origin:"]],
    ["a site that is said twice", ["Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"]],
    ["a site of a kind that nobody knows", ["Sec-Fetch-Site: same-planet"]],
  ])("a mutation by cookie is refused with 403, and not done, for %s", async (_who, headers) => {
    const before = await tokens();
    const answer = await ask(CREATE, headers);
    expectRefusal(answer, 403, "FORBIDDEN");
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(await tokens()).toBe(before);
  });

  const CROSS_SITE = ["Sec-Fetch-Site: cross-site", "Origin: https://evil.example"];

  it("a page of another site cannot log the visitor out", async () => {
    const { token } = await loginUser(gateway.graphql, { userid: user.username, password: PASSWORD });
    expectRefusal(await ask("mutation { logout { success } }", CROSS_SITE, token), 403, "FORBIDDEN");
    expect((await send(gateway.graphql, "{ me { id } }", {}, bearer(token))).data.me.id).toBe(user.id);
  });

  it("a mutation beside a query in one document is refused for what is run", async () => {
    const both = `query Look { me { id } } ${CREATE.replace("mutation", "mutation Make")}`;
    const run = async (operationName: string) => {
      const body = JSON.stringify({ query: both, operationName });
      const headers = ["Content-Type: application/json", `Content-Length: ${body.length}`, ...CROSS_SITE];
      const head = requestHead("POST /graphql", [...headers, `Cookie: ${COOKIE_NAME}=${user.token}`]);
      return (await sendRaw(gateway.graphql, head, body)).status;
    };
    expect([await run("Look"), await run("Make")]).toEqual([200, 403]);
  });

  it("queries by cookie need no proof: another origin cannot read the answer", async () => {
    const answer = await ask("{ me { id } }", CROSS_SITE);
    expect(JSON.parse(answer.text).data.me.id).toBe(user.id);
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  });

  it("a credential in a header needs no proof, with or without a cookie", async () => {
    const header = `Authorization: Bearer ${user.token}`;
    const before = await tokens();
    expect((await ask(CREATE, [...CROSS_SITE, header], null)).status).toBe(200);
    expect((await ask(CREATE, [...CROSS_SITE, header])).status).toBe(200);
    expect(await tokens()).toBe(before + 2);
  });

  it("without a session cookie nothing is refused: signing in works from anywhere", async () => {
    const login = `mutation { login(input: {userid: "${user.username}", password: "${PASSWORD}"}) { user { id } } }`;
    const answer = await ask(login, CROSS_SITE, null);
    expect(JSON.parse(answer.text).data.login.user.id).toBe(user.id);
  });
});
