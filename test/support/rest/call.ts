import { claimsOf } from "../token-calls.js";
import { base64, type GraphqlAnswer } from "../client.js";

export interface RestAnswer {
  status: number;
  headers: Headers;
  text: string;
  /** Parsed; null when there is none. Whether it has the right shape is what the tests are about. */
  body: GraphqlAnswer["data"];
}

/** Sends one request; `line` is its method and its path. A text or bytes are sent as they are, anything else as JSON. */
export async function call(
  base: string,
  line: string,
  headers: Record<string, string> = {},
  body?: unknown,
): Promise<RestAnswer> {
  const [method = "", path = ""] = line.split(" ");
  const type: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
  const asIs = body === undefined || typeof body === "string" || body instanceof Buffer;
  const response = await fetch(`${base}${path}`, {
    method,
    headers: { ...type, ...headers },
    body: asIs ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parse(text) };
}

function parse(text: string): GraphqlAnswer["data"] {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`this is not JSON: ${text}`);
  }
}

/** Authorization: JWT */
export const jwt = (token: string) => ({ authorization: `JWT ${token}` });

/** The JWT alone, without a scheme. */
export const bare = (token: string) => ({ authorization: token });

/** X-Auth-Token: Base64(user:userToken) */
export const xAuth = (owner: string, token: string) => ({ "x-auth-token": base64(`${owner}:${token}`) });

/** X-Access-Token and X-Key; the key is the token's own unless another one is named. */
export const xAccess = (token: string, key = keyOf(token)) => ({ "x-access-token": token, "x-key": key });

export const cookie = (token: string, name = "latchkey_session") => ({ cookie: `${name}=${token}` });

/** The key of a user token, as its JWT says. */
export const keyOf = (token: string): string => String(claimsOf(token).sid);
