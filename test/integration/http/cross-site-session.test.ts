import { parseSetCookie } from "cookie";
import { PASSWORD, bearer, registerUser, send, uniqueName, type SignedIn } from "../../support/client.js";
import { requestHead, sendRaw } from "../../support/raw-http.js";
import { withGateway } from "../../support/with-gateway.js";

const OWN = "https://auth.example.org";
const NEIGHBOUR = "https://app.example.org";
const LISTED = "https://app.other.example";
const SETTINGS = { ISSUER: OWN, ALLOWED_ORIGINS: `${NEIGHBOUR},${LISTED}` };

type Sender = [who: string, headers: string[]];

const SAME_SITE: Sender[] = [
  ["the gateway's own page", ["Sec-Fetch-Site: same-origin", `Origin: ${OWN}`]],
  ["a page of the same site", ["Sec-Fetch-Site: same-site", `Origin: ${NEIGHBOUR}`]],
  ["an older browser on a page of the same site", [`Origin: ${NEIGHBOUR}`]],
  ["no browser", []],
];
const LISTED_CROSS_SITE: Sender[] = [
  ["a listed page of another site", ["Sec-Fetch-Site: cross-site", `Origin: ${LISTED}`]],
  ["an older browser on a listed page of another site", [`Origin: ${LISTED}`]],
];
const UNLISTED_CROSS_SITE: Sender[] = [
  ["an unlisted page of another site", ["Sec-Fetch-Site: cross-site", "Origin: https://evil.example"]],
  ["a page of another site that names no origin", ["Sec-Fetch-Site: cross-site"]],
  ["a sandboxed page", ["Sec-Fetch-Site: cross-site", "Origin: null"]],
  ["an older browser on an unlisted page", ["Origin: https://evil.example"]],
];

describe.each([
  ["lax", "lax", SAME_SITE, [...LISTED_CROSS_SITE, ...UNLISTED_CROSS_SITE]],
  ["strict", "strict", SAME_SITE, [...LISTED_CROSS_SITE, ...UNLISTED_CROSS_SITE]],
  ["none", "none", [...SAME_SITE, ...LISTED_CROSS_SITE], UNLISTED_CROSS_SITE],
] as const)("with SESSION_SAME_SITE=%s", (setting, sameSite, kept, dropped) => {
  const gateway = withGateway({ ...SETTINGS, SESSION_SAME_SITE: setting });
  let ann: SignedIn;

  beforeAll(async () => {
    ann = await registerUser(gateway.graphql);
  });

  const post = async (path: string, value: object, headers: readonly string[]) => {
    const body = JSON.stringify(value);
    const fixed = ["Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`];
    const answer = await sendRaw(gateway.url, requestHead(`POST ${path}`, [...fixed, ...headers]), body);
    const set = answer.headers["set-cookie"];
    return { ...JSON.parse(answer.body), status: answer.status, cookie: set ? parseSetCookie(set) : null };
  };
  const LOGIN = "mutation ($input: LoginInput) { login(input: $input) { token } }";
  const REGISTER = "mutation ($input: RegisterInput!) { register(input: $input) { token } }";
  const login = (headers: readonly string[], session: boolean | null = true) => {
    const input = { userid: ann.username, password: PASSWORD, session };
    return post("/graphql", { query: LOGIN, variables: { input } }, headers);
  };
  const tokens = async () =>
    (await send(gateway.graphql, "{ userTokens { totalCount } }", {}, bearer(ann.token))).data.userTokens
      .totalCount as number;
  const issued = (value: string) => ({
    name: "__Host-latchkey_session",
    value,
    path: "/",
    httpOnly: true,
    secure: true,
    sameSite,
    expires: expect.any(Date),
  });

  it.each(kept)("%s gets a session", async (_who, headers) => {
    const { data, cookie } = await login(headers);
    expect(cookie).toEqual(issued(data.login.token));
    const credentials = { userid: ann.username, password: PASSWORD };
    const rest = await post("/auth/login", credentials, headers);
    expect(rest.cookie).toEqual(issued(rest.userinfo.token));
  });

  it.each(dropped)("%s gets none, is told why, and no token is made", async (_who, headers) => {
    const before = await tokens();
    const refused = await login(headers);
    expect([refused.status, refused.cookie, refused.data]).toEqual([200, null, null]);
    expect(refused.errors[0].extensions).toEqual({
      code: "BAD_USER_INPUT",
      fields: [{ path: ["input", "session"], code: "CROSS_SITE", message: expect.any(String) }],
    });
    expect(await tokens()).toBe(before);
    const username = uniqueName();
    const input = { username, password: PASSWORD, session: true };
    const registering = await post("/graphql", { query: REGISTER, variables: { input } }, headers);
    expect(registering.errors[0].extensions.fields[0].code).toBe("CROSS_SITE");
    // The name is still free.
    const again = { ...input, session: false };
    const registered = await post("/graphql", { query: REGISTER, variables: { input: again } }, headers);
    expect([registered.errors, registered.cookie]).toEqual([undefined, null]);
  });

  it.each(dropped)("%s signs in with a token instead", async (_who, headers) => {
    for (const session of [false, null]) {
      const { data, cookie } = await login(headers, session);
      expect([typeof data.login.token, cookie]).toEqual(["string", null]);
    }
    const rest = await post("/auth/login", { userid: ann.username, password: PASSWORD }, headers);
    expect([rest.status, typeof rest.userinfo.token, rest.cookie]).toEqual([200, "string", null]);
    const account = { username: uniqueName(), password: PASSWORD };
    const registered = await post("/auth/register", account, headers);
    expect([registered.status, registered.cookie]).toEqual([200, null]);
  });

  it("an unlisted page of another site cannot act by the cookie", async () => {
    const cookie = `Cookie: __Host-latchkey_session=${ann.token}`;
    const create = { query: 'mutation { createUserToken(input: {note: "x"}) { token } }' };
    const before = await tokens();
    for (const [, headers] of UNLISTED_CROSS_SITE)
      expect((await post("/graphql", create, [...headers, cookie])).status).toBe(403);
    expect(await tokens()).toBe(before);
    for (const [, headers] of LISTED_CROSS_SITE)
      expect((await post("/graphql", create, [...headers, cookie])).status).toBe(200);
  });
});
