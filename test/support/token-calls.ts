import { bearer, send, type GraphqlAnswer } from "./client.js";
import type { TestDatabase } from "./databases.js";

export const TOKEN_FIELDS =
  "key note scopes enabled version current creationTime expirationTime lastUsageTime";

/** A user token as GraphQL shows it. */
export interface TokenNode {
  key: string;
  note: string | null;
  scopes: string[];
  enabled: boolean;
  version: number;
  current: boolean;
  creationTime: string;
  expirationTime: string | null;
  lastUsageTime: string | null;
}

export interface Issued {
  token: string;
  key: string;
  node: TokenNode;
}

const CREATE = `mutation ($input: CreateUserTokenInput!) {
  createUserToken(input: $input) { token userToken { ${TOKEN_FIELDS} } } }`;
const UPDATE = `mutation ($key: ID!, $input: UpdateUserTokenInput!) {
  updateUserToken(key: $key, input: $input) { ${TOKEN_FIELDS} } }`;
const ROTATE = `mutation { rotateUserToken { token userToken { ${TOKEN_FIELDS} } } }`;
const REVOKE = `mutation ($key: ID!) { revokeUserToken(key: $key) { ${TOKEN_FIELDS} } }`;
const LOGOUT = `mutation ($input: LogoutInput) { logout(input: $input) { success userToken { key current } } }`;

/** Asks for a personal token by the caller's JWT. */
export const askToken = (
  url: string,
  caller: string,
  input: Record<string, unknown> = {},
): Promise<GraphqlAnswer> =>
  send(url, CREATE, { input: { note: "made by a test", ...input } }, bearer(caller));

/** Makes a personal token by the caller's JWT. */
export async function makeToken(
  url: string,
  caller: string,
  input: Record<string, unknown> = {},
): Promise<Issued> {
  const answer = await askToken(url, caller, input);
  return issued(answer, "createUserToken");
}

/** Makes many at once, ten a request. */
export async function makeTokens(url: string, caller: string, count: number): Promise<Issued[]> {
  const made: Issued[] = [];
  while (made.length < count) {
    const size = Math.min(10, count - made.length);
    const fields = Array.from(
      { length: size },
      (_, i) =>
        `t${i}: createUserToken(input: { note: "${made.length + i}" }) { token userToken { ${TOKEN_FIELDS} } }`,
    );
    const answer = await send(url, `mutation { ${fields.join(" ")} }`, {}, bearer(caller));
    for (let i = 0; i < size; i++) made.push(issued(answer, `t${i}`));
  }
  return made;
}

export const updateToken = (url: string, caller: string, key: string, input: Record<string, unknown>) =>
  send(url, UPDATE, { key, input }, bearer(caller));

export const revokeToken = (url: string, caller: string, key: string) =>
  send(url, REVOKE, { key }, bearer(caller));

export const logout = (
  url: string,
  headers: Record<string, string>,
  input: Record<string, unknown> | null = null,
) => send(url, LOGOUT, { input }, headers);

export const askRotation = (url: string, token: string): Promise<GraphqlAnswer> =>
  send(url, ROTATE, {}, bearer(token));

/** Rotates a token and answers the JWT of the present version. */
export async function rotate(url: string, token: string): Promise<Issued> {
  return issued(await askRotation(url, token), "rotateUserToken");
}

function issued({ data, text }: GraphqlAnswer, field: string): Issued {
  const payload = data?.[field] as { token: string; userToken: TokenNode } | undefined;
  if (!payload) throw new Error(`${field} failed: ${text}`);
  return { token: payload.token, key: payload.userToken.key, node: payload.userToken };
}

/** The claims of a JWT, unverified. */
export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<
    string,
    unknown
  >;
}

/** Moves a token's times in its row, behind the gateway's back. Milliseconds. */
export async function moveTime(
  database: TestDatabase,
  key: string,
  column: "expirationTime" | "previousVersionUntil",
  time: number | null,
): Promise<void> {
  await database.query(`UPDATE user_token SET ${column} = ? WHERE \`key\` = ?`, [time, key]);
}

export interface TokenPage {
  nodes: TokenNode[];
  edges: { cursor: string; node: { key: string } }[];
  totalCount: number;
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
}

const LIST = `query ($first: Int, $after: String, $includeEnded: Boolean) {
  userTokens(first: $first, after: $after, includeEnded: $includeEnded) {
    nodes { ${TOKEN_FIELDS} } edges { cursor node { key } } totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;

/** Asks for a page of the caller's tokens. */
export const askPage = (
  url: string,
  caller: string,
  page: Record<string, unknown> = {},
): Promise<GraphqlAnswer> => send(url, LIST, page, bearer(caller));

/** A page of the caller's tokens. */
export async function listTokens(
  url: string,
  caller: string,
  page: Record<string, unknown> = {},
): Promise<TokenPage> {
  const { data, text } = await askPage(url, caller, page);
  if (!data) throw new Error(`userTokens failed: ${text}`);
  return data.userTokens as TokenPage;
}

/** The keys of the caller's first hundred live tokens, newest first. */
export const liveKeys = async (url: string, caller: string): Promise<string[]> =>
  (await listTokens(url, caller, { first: 100 })).nodes.map(({ key }) => key);

/** The row of a user token. */
export async function rowOf(
  { database }: { database: TestDatabase },
  key: string,
): Promise<Record<string, unknown>> {
  const [row] = await database.query("SELECT * FROM user_token WHERE `key` = ?", [key]);
  if (!row) throw new Error("there is no such token row");
  return row;
}
