import { present, type Presentable } from "../credential-forms.js";
import { basic, bearer, PASSWORD, send, uniqueName } from "../client.js";
import { bare, call, cookie, jwt, keyOf, xAccess, xAuth, type RestAnswer } from "./call.js";
import {
  BAD_TOKEN_CHALLENGE,
  CTOREGISTRY_ERROR,
  USERTOKEN_ERROR,
  WEBITEL_ERROR,
  USERID_JWT_LOGOUT_ERROR,
} from "./shapes.js";

/** Proof that the page which acts by the cookie is the gateway's own. */
const OWN_PAGE = { "sec-fetch-site": "same-origin" };

const graphql = async (
  base: string,
  query: string,
  variables: Record<string, unknown>,
  headers: Record<string, string> = {},
) => {
  const { data, text } = await send(`${base}/graphql`, query, variables, headers);
  if (!data) throw new Error(`no token was issued: ${text}`);
  return data;
};

/** The answer's body, when a token was issued. */
async function issued(asked: Promise<RestAnswer>): Promise<RestAnswer["body"]> {
  const { status, text, body } = await asked;
  if (status !== 200) throw new Error(`no token was issued: ${status} ${text}`);
  return body;
}

const own = (owner: string, token: string): Presentable => ({ owner, token, key: keyOf(token) });
const newcomer = () => ({ username: uniqueName(), password: PASSWORD });

type Issue = (base: string, person: { username: string; password: string }) => Promise<Presentable>;

const basicLogin: Issue = async (base, { username, password }) =>
  own(username, (await issued(call(base, "POST /auth/login", basic(username, password)))).token);

/** Every route that issues a user token: to this person, or to a new one. */
export const ISSUERS: Record<string, Issue> = {
  "ctoregistry authentication": async (base, person) =>
    own(person.username, (await issued(call(base, "POST /security/authentication", {}, person))).token),
  "usertoken-bearer login": basicLogin,
  "webitel login": async (base, person) => {
    const { token, key } = await issued(call(base, "POST /login", {}, person));
    return { owner: person.username, token, key };
  },
  "userid-jwt login": async (base, { username: userid, password }) => {
    const { userinfo } = await issued(call(base, "POST /auth/login", {}, { userid, password }));
    return own(userinfo.username, userinfo.token);
  },
  "userid-jwt register": async (base) => {
    const { username, token } = await issued(call(base, "POST /auth/register", {}, newcomer()));
    return own(username, token.replace(/^JWT /, ""));
  },
  "userid-jwt token": async (base, { username: userid, password }) => {
    const { username, token } = await issued(call(base, "POST /auth/token", {}, { userid, password }));
    return own(username, token.replace(/^JWT /, ""));
  },
  "usertoken-xauth login": basicLogin,
  "GraphQL login": async (base, { username: userid, password }) => {
    const query =
      "mutation ($input: LoginInput) { login(input: $input) { token userToken { key } user { username } } }";
    const { login } = await graphql(base, query, { input: { userid, password } });
    return { owner: login.user.username, token: login.token, key: login.userToken.key };
  },
  "GraphQL register": async (base) => {
    const query = "mutation ($input: RegisterInput!) { register(input: $input) { token user { username } } }";
    const { register } = await graphql(base, query, { input: newcomer() });
    return own(register.user.username, register.token);
  },
  createUserToken: async (base, person) => makeToken(base, await basicLogin(base, person)),
};

/** Another token of the same user. */
async function makeToken(base: string, { owner, token }: Presentable): Promise<Presentable> {
  const query = 'mutation { createUserToken(input: { note: "matrix" }) { token userToken { key } } }';
  const { createUserToken: made } = await graphql(base, query, {}, bearer(token));
  return { owner, token: made.token, key: made.userToken.key };
}

/** One request that needs a valid token, and what its route says. */
interface Endpoint {
  ask(base: string, presented: Presentable, headers: Record<string, string>): Promise<RestAnswer>;
  /** What the answer's body matches: of REST beside 200, of GraphQL its data. */
  done: unknown;
  /** Exactly what the body of a refusal is: of REST beside 401 and the challenge, of GraphQL its reason. */
  refused: unknown;
}

const rest = (line: string, done: object, refused: object): Endpoint => ({
  ask: (base, _presented, headers) => call(base, line, headers),
  done: expect.objectContaining(done),
  refused,
});

const operation = (query: string, done: object): Endpoint => ({
  ask: (base, { key }, headers) =>
    call(base, "POST /graphql", headers, { query, variables: query.includes("$key") ? { key } : {} }),
  done: expect.objectContaining(done),
  refused: "TOKEN_REVOKED",
});

const PRIVILEGE = { privilege: expect.any(String) };
const BUMPED = { lastLoginTime: expect.any(String) };

/** Every guarded route that leaves the token alone. */
export const USES: Record<string, Endpoint> = {
  "ctoregistry privilegeToken": rest(
    "GET /security/privilegeToken",
    PRIVILEGE,
    CTOREGISTRY_ERROR("privilegeToken"),
  ),
  "ctoregistry privilegeToken at the long path": rest(
    "GET /api/v1/security/privilegeToken",
    PRIVILEGE,
    CTOREGISTRY_ERROR("privilegeToken"),
  ),
  "usertoken-bearer and usertoken-xauth bump": rest("POST /auth/bump", BUMPED, USERTOKEN_ERROR),
  "GraphQL me": operation("{ me { username } }", { me: { username: expect.any(String) } }),
};

/** A route that ends the token, and how it is presented there. */
interface LogoutEndpoint extends Endpoint {
  headers(presented: Presentable): Record<string, string>;
  /** Called before, where it is not the token itself that ends it. */
  by?(base: string, presented: Presentable): Promise<Presentable>;
}

const CTOREGISTRY_LOGGED_OUT = { status: "success", action: "logout" };
const USERID_JWT_LOGGED_OUT = { status: "success", message: "logout successfully" };
const REVOKED = { revokeUserToken: { key: expect.any(String) } };

/** Every route that ends a token. */
export const LOGOUTS: Record<string, LogoutEndpoint> = {
  ctoregistry: {
    ...rest("PUT /security/logout", CTOREGISTRY_LOGGED_OUT, CTOREGISTRY_ERROR("logout")),
    headers: ({ token }) => bare(token),
  },
  "ctoregistry at the long path": {
    ...rest("PUT /api/v1/security/logout", CTOREGISTRY_LOGGED_OUT, CTOREGISTRY_ERROR("logout")),
    headers: ({ token }) => bare(token),
  },
  "usertoken-bearer": {
    ...rest("POST /auth/logout", { success: true }, USERTOKEN_ERROR),
    headers: ({ token }) => bearer(token),
  },
  webitel: {
    ...rest("POST /logout", { status: "OK", info: "Successful logout." }, WEBITEL_ERROR("Bad caller")),
    headers: ({ token, key }) => xAccess(token, key),
  },
  "userid-jwt": {
    ...rest("POST /auth/logout", USERID_JWT_LOGGED_OUT, USERID_JWT_LOGOUT_ERROR),
    headers: ({ token }) => jwt(token),
  },
  "userid-jwt by cookie": {
    ...rest("POST /auth/logout", USERID_JWT_LOGGED_OUT, USERID_JWT_LOGOUT_ERROR),
    headers: ({ token }) => ({ ...cookie(token), ...OWN_PAGE }),
  },
  "usertoken-xauth": {
    ...rest("POST /auth/logout", { success: true }, USERTOKEN_ERROR),
    headers: ({ owner, token }) => xAuth(owner, token),
  },
  "GraphQL logout": {
    ...operation("mutation { logout { success } }", { logout: { success: true } }),
    headers: ({ token }) => bearer(token),
  },
  "GraphQL revokeUserToken by another token": {
    ...operation("mutation ($key: ID!) { revokeUserToken(key: $key) { key } }", REVOKED),
    headers: ({ token }) => bearer(token),
    by: makeToken,
  },
};

/** The headers of one of the forms in which a token can be presented. */
export function headersOf(form: string, presented: Presentable): Record<string, string> {
  return { ...Object.fromEntries(present(form, presented)), ...(form === "session cookie" ? OWN_PAGE : {}) };
}

/** `done`, `refused`, or what the route said that is neither. */
export async function outcome(
  endpoint: Endpoint,
  base: string,
  presented: Presentable,
  headers: Record<string, string>,
): Promise<string> {
  const { status, headers: answered, text, body } = await endpoint.ask(base, presented, headers);
  const said = `${status} ${text}`;
  if (typeof endpoint.refused === "string") {
    const reason = body.errors?.[0]?.extensions.reason;
    if (status !== 200) return said;
    if (reason !== undefined) return reason === endpoint.refused ? "refused" : said;
    return matches(body.data, endpoint.done) ? "done" : said;
  }
  if (status === 200) return matches(body, endpoint.done) ? "done" : said;
  const challenged = answered.get("www-authenticate") === BAD_TOKEN_CHALLENGE;
  return status === 401 && challenged && matches(body, endpoint.refused) ? "refused" : said;
}

function matches(found: unknown, expected: unknown): boolean {
  try {
    expect(found).toEqual(expected);
    return true;
  } catch {
    return false;
  }
}
