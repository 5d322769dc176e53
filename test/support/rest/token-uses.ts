import { basic, bearer, loginUser } from "../client.js";
import { bare, call, jwt, xAccess, xAuth, type Answer } from "./call.js";

export interface Person {
  username: string;
  password: string;
}

export const S0_LOGIN = "POST /security/authentication";
export const S0_LOGOUT = "PUT /security/logout";
export const S0_PRIVILEGE = "GET /security/privilegeToken";
/** S1, S3 and S4 */
export const LOGIN = "POST /auth/login";
export const BUMP = "POST /auth/bump";
export const LOGOUT = "POST /auth/logout";
export const S2_LOGIN = "POST /login";
export const S2_LOGOUT = "POST /logout";
export const S3_REGISTER = "POST /auth/register";
export const S3_TOKEN = "POST /auth/token";

/** Every line that needs a user token. */
export const GUARDED = [
  "PUT /api/v1/security/logout",
  "GET /api/v1/security/privilegeToken",
  S0_LOGOUT,
  S0_PRIVILEGE,
  BUMP,
  LOGOUT,
  S2_LOGOUT,
];

/** Every line that reads a JSON body to sign in. */
export const JSON_LOGINS = ["POST /api/v1/security/authentication", S0_LOGIN, S2_LOGIN, LOGIN, S3_TOKEN];

/** The body of one of those. */
export function loginBody(line: string, { username, password }: Person): Record<string, unknown> {
  return line.startsWith("POST /auth") ? { userid: username, password } : { username, password };
}

/** How each door signs a person in, and the token that it answers. */
export const ISSUERS: Record<string, (base: string, person: Person) => Promise<string>> = {
  S0: async (base, person) => (await call(base, S0_LOGIN, {}, person)).body.token,
  "S1 and S4": async (base, { username, password }) =>
    (await call(base, LOGIN, basic(username, password))).body.token,
  S2: async (base, person) => (await call(base, S2_LOGIN, {}, person)).body.token,
  "S3 login": async (base, person) =>
    (await call(base, LOGIN, {}, loginBody(LOGIN, person))).body.userinfo.token,
  "S3 token": async (base, person) =>
    (await call(base, S3_TOKEN, {}, loginBody(S3_TOKEN, person))).body.token.replace("JWT ", ""),
  GraphQL: async (base, { username, password }) =>
    (await loginUser(`${base}/graphql`, { userid: username, password })).token,
};

type Use = (base: string, owner: string, token: string) => Promise<Answer>;

/** How each door ends a token. */
export const LOGOUTS: Record<string, Use> = {
  S0: (base, _owner, token) => call(base, S0_LOGOUT, bare(token)),
  S1: (base, _owner, token) => call(base, LOGOUT, bearer(token)),
  S2: (base, _owner, token) => call(base, S2_LOGOUT, xAccess(token)),
  S3: (base, _owner, token) => call(base, LOGOUT, jwt(token)),
  S4: (base, owner, token) => call(base, LOGOUT, xAuth(owner, token)),
  GraphQL: (base, _owner, token) =>
    call(base, "POST /graphql", bearer(token), { query: "mutation { logout { success } }" }),
};

/** A use of a token in the form of each dialect that changes nothing else. */
const USES: Record<string, Use> = {
  S0: (base, _owner, token) => call(base, S0_PRIVILEGE, bare(token)),
  S1: (base, _owner, token) => call(base, BUMP, bearer(token)),
  S2: (base, _owner, token) => call(base, S0_PRIVILEGE, xAccess(token)),
  S3: (base, _owner, token) => call(base, BUMP, jwt(token)),
  S4: (base, owner, token) => call(base, BUMP, xAuth(owner, token)),
  GraphQL: (base, _owner, token) => call(base, "POST /graphql", bearer(token), { query: "{ me { id } }" }),
};

/** What a token is worth at every door: `ok`, the reason that GraphQL tells, or the status of REST. */
export async function statusByDialect(
  base: string,
  owner: string,
  token: string,
): Promise<Record<string, unknown>> {
  const results = Object.entries(USES).map(async ([endpoint, use]) => {
    const { status, body } = await use(base, owner, token);
    const worth = status === 200 ? (body.errors?.[0]?.extensions.reason ?? "ok") : status;
    return [endpoint, worth] as const;
  });
  return Object.fromEntries(await Promise.all(results));
}

export const ALIVE = { S0: "ok", S1: "ok", S2: "ok", S3: "ok", S4: "ok", GraphQL: "ok" };
export const DEAD = { S0: 401, S1: 401, S2: 401, S3: 401, S4: 401, GraphQL: "TOKEN_REVOKED" };
