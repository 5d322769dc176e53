import { basic, bearer, loginUser } from "../client.js";
import { bare, call, jwt, xAccess, xAuth, type RestAnswer } from "./call.js";

export interface Person {
  username: string;
  password: string;
}

export const CTOREGISTRY_LOGIN = "POST /security/authentication";
export const CTOREGISTRY_LOGOUT = "PUT /security/logout";
export const CTOREGISTRY_PRIVILEGE = "GET /security/privilegeToken";
/** usertoken-bearer, userid-jwt and usertoken-xauth */
export const LOGIN = "POST /auth/login";
export const BUMP = "POST /auth/bump";
export const LOGOUT = "POST /auth/logout";
export const WEBITEL_LOGIN = "POST /login";
export const WEBITEL_LOGOUT = "POST /logout";
export const USERID_JWT_REGISTER = "POST /auth/register";
export const USERID_JWT_TOKEN = "POST /auth/token";

/** Every line that needs a user token. */
export const GUARDED = [
  "PUT /api/v1/security/logout",
  "GET /api/v1/security/privilegeToken",
  CTOREGISTRY_LOGOUT,
  CTOREGISTRY_PRIVILEGE,
  BUMP,
  LOGOUT,
  WEBITEL_LOGOUT,
];

/** Every line that reads a JSON body to sign in. */
export const JSON_LOGINS = [
  "POST /api/v1/security/authentication",
  CTOREGISTRY_LOGIN,
  WEBITEL_LOGIN,
  LOGIN,
  USERID_JWT_TOKEN,
];

/** The body of one of those. */
export function loginBody(line: string, { username, password }: Person): Record<string, unknown> {
  return line.startsWith("POST /auth") ? { userid: username, password } : { username, password };
}

/** How each door signs a person in, and the token that it answers. */
export const ISSUERS: Record<string, (base: string, person: Person) => Promise<string>> = {
  ctoregistry: async (base, person) => (await call(base, CTOREGISTRY_LOGIN, {}, person)).body.token,
  "usertoken-bearer and usertoken-xauth": async (base, { username, password }) =>
    (await call(base, LOGIN, basic(username, password))).body.token,
  webitel: async (base, person) => (await call(base, WEBITEL_LOGIN, {}, person)).body.token,
  "userid-jwt login": async (base, person) =>
    (await call(base, LOGIN, {}, loginBody(LOGIN, person))).body.userinfo.token,
  "userid-jwt token": async (base, person) =>
    (await call(base, USERID_JWT_TOKEN, {}, loginBody(USERID_JWT_TOKEN, person))).body.token.replace(
      "JWT ",
      "",
    ),
  GraphQL: async (base, { username, password }) =>
    (await loginUser(`${base}/graphql`, { userid: username, password })).token,
};

type Use = (base: string, owner: string, token: string) => Promise<RestAnswer>;

/** How each door ends a token. */
export const LOGOUTS: Record<string, Use> = {
  ctoregistry: (base, _owner, token) => call(base, CTOREGISTRY_LOGOUT, bare(token)),
  "usertoken-bearer": (base, _owner, token) => call(base, LOGOUT, bearer(token)),
  webitel: (base, _owner, token) => call(base, WEBITEL_LOGOUT, xAccess(token)),
  "userid-jwt": (base, _owner, token) => call(base, LOGOUT, jwt(token)),
  "usertoken-xauth": (base, owner, token) => call(base, LOGOUT, xAuth(owner, token)),
  GraphQL: (base, _owner, token) =>
    call(base, "POST /graphql", bearer(token), { query: "mutation { logout { success } }" }),
};

/** A use of a token in the form of each dialect that changes nothing else. */
const USES: Record<string, Use> = {
  ctoregistry: (base, _owner, token) => call(base, CTOREGISTRY_PRIVILEGE, bare(token)),
  "usertoken-bearer": (base, _owner, token) => call(base, BUMP, bearer(token)),
  webitel: (base, _owner, token) => call(base, CTOREGISTRY_PRIVILEGE, xAccess(token)),
  "userid-jwt": (base, _owner, token) => call(base, BUMP, jwt(token)),
  "usertoken-xauth": (base, owner, token) => call(base, BUMP, xAuth(owner, token)),
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

export const ALIVE = {
  ctoregistry: "ok",
  "usertoken-bearer": "ok",
  webitel: "ok",
  "userid-jwt": "ok",
  "usertoken-xauth": "ok",
  GraphQL: "ok",
};
export const DEAD = {
  ctoregistry: 401,
  "usertoken-bearer": 401,
  webitel: 401,
  "userid-jwt": 401,
  "usertoken-xauth": 401,
  GraphQL: "TOKEN_REVOKED",
};
