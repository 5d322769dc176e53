import { randomBytes } from "node:crypto";

/** One error as the gateway prints it. */
export interface GraphqlError {
  message: string;
  path?: (string | number)[];
  extensions: {
    code: string;
    reason?: string;
    fields?: { path: string[]; code: string; message: string }[];
    retryAfter?: number;
  };
}

/** Parsed JSON: whether it has the right shape is what the tests are about. */
type Parsed = ReturnType<typeof JSON.parse>;

export interface GraphqlAnswer {
  status: number;
  headers: Headers;
  text: string;
  data: Parsed;
  errors: GraphqlError[];
  /** The first error's code; undefined when there is none. */
  code: string | undefined;
  /** The first error's reason. */
  reason: string | undefined;
  /** `path:code` of every rejected value, joined by dots. */
  fields: string[];
}

/** Sends one GraphQL operation over real HTTP. */
export async function send(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<GraphqlAnswer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  const { data, errors = [] } = JSON.parse(text) as { data?: Parsed; errors?: GraphqlError[] };
  const [first] = errors;
  const fields = (first?.extensions.fields ?? []).map(({ path, code }) => `${path.join(".")}:${code}`);
  return {
    status: response.status,
    headers: response.headers,
    text,
    data,
    errors,
    code: first?.extensions.code,
    reason: first?.extensions.reason,
    fields,
  };
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

export const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
});

export const base64 = (text: string) => Buffer.from(text).toString("base64");

/** A password that passes every check. */
export const PASSWORD = "correct horse battery staple";

export const LOGOUT = "mutation { logout(input: {}) { success } }";

export interface SignedIn {
  token: string;
  privilege: string;
  key: string;
  id: string;
  username: string;
}

const PAYLOAD = "token privilege user { id username } userToken { key }";

// Test files of one worker may share a gateway, and each file loads this module anew.
const FILE_ID = randomBytes(4).toString("hex");
let count = 0;

/** A username that is used only once. */
export const uniqueName = (prefix = "user") => `${prefix}-${FILE_ID}-${++count}`;

/** Registers an account and answers its first token. */
export async function registerUser(
  url: string,
  input: { username?: string; password?: string; email?: string; phone?: string; locale?: string } = {},
): Promise<SignedIn> {
  const values = { username: uniqueName(), password: PASSWORD, ...input };
  const answer = await send(
    url,
    `mutation ($input: RegisterInput!) { register(input: $input) { ${PAYLOAD} } }`,
    { input: values },
  );
  return signedIn(answer, "register");
}

/** Signs in and answers the token. */
export async function loginUser(url: string, input: Record<string, unknown>): Promise<SignedIn> {
  const answer = await send(url, `mutation ($input: LoginInput) { login(input: $input) { ${PAYLOAD} } }`, {
    input,
  });
  return signedIn(answer, "login");
}

function signedIn({ data, text }: GraphqlAnswer, field: string): SignedIn {
  const payload = data?.[field];
  if (!payload) throw new Error(`${field} failed: ${text}`);
  const { token, privilege, user, userToken } = payload;
  return { token, privilege, key: userToken.key, id: user.id, username: user.username };
}

/** Whether a token is accepted, and if not why: `ok`, or the reason. */
export async function tokenStatusOf(url: string, headers: Record<string, string>): Promise<string> {
  const answer = await send(url, "{ me { id } }", {}, headers);
  if (answer.data?.me?.id) return "ok";
  return answer.reason ?? answer.code ?? "anonymous";
}
