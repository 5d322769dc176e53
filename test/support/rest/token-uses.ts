import { bearer } from "../client.js";
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

type Use = (base: string, owner: string, token: string) => Promise<RestAnswer>;

/** A use of a token in the form of each dialect that changes nothing else. */
const USE_BY_DIALECT: Record<string, Use> = {
  ctoregistry: (base, _owner, token) => call(base, CTOREGISTRY_PRIVILEGE, bare(token)),
  "usertoken-bearer": (base, _owner, token) => call(base, BUMP, bearer(token)),
  webitel: (base, _owner, token) => call(base, CTOREGISTRY_PRIVILEGE, xAccess(token)),
  "userid-jwt": (base, _owner, token) => call(base, BUMP, jwt(token)),
  "usertoken-xauth": (base, owner, token) => call(base, BUMP, xAuth(owner, token)),
  GraphQL: (base, _owner, token) => call(base, "POST /graphql", bearer(token), { query: "{ me { id } }" }),
};

/** What each dialect answers to a token: `ok`, the reason that GraphQL tells, or the status of REST. */
export async function statusByDialect(
  base: string,
  owner: string,
  token: string,
): Promise<Record<string, unknown>> {
  const results = Object.entries(USE_BY_DIALECT).map(async ([endpoint, use]) => {
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
