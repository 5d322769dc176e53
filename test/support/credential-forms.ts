import { request, type IncomingHttpHeaders } from "node:http";
import { base64, type GraphqlAnswer, type GraphqlError } from "./client.js";

export type RawHeaders = [name: string, value: string][];

/** A token with what its owner knows of it. */
export interface Presentable {
  token: string;
  /** One of the owner's names. */
  owner: string;
  key: string;
}

export const COOKIE = "latchkey_session";

/** Every way in which a user token can be presented. */
export const FORMS: Record<string, (presented: Presentable) => RawHeaders> = {
  "Bearer raw": ({ token }) => [["Authorization", `Bearer ${token}`]],
  "Bearer pair": ({ token, owner }) => [["Authorization", `Bearer ${base64(`${owner}:${token}`)}`]],
  "JWT scheme": ({ token }) => [["Authorization", `JWT ${token}`]],
  "doubled JWT scheme": ({ token }) => [["Authorization", `JWT JWT ${token}`]],
  "bare JWT": ({ token }) => [["Authorization", token]],
  "X-Auth-Token pair": ({ token, owner }) => [["X-Auth-Token", base64(`${owner}:${token}`)]],
  "X-Auth-Token raw": ({ token }) => [["X-Auth-Token", token]],
  "X-Access-Token and X-Key": ({ token, key }) => [
    ["X-Access-Token", token],
    ["X-Key", key],
  ],
  "session cookie": ({ token }) => [["Cookie", `${COOKIE}=${token}`]],
};

export const FORM_NAMES = Object.keys(FORMS);

/** The headers of one form. */
export const present = (form: string, presented: Presentable): RawHeaders => FORMS[form]!(presented);

export interface RawHeadersAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  data: GraphqlAnswer["data"];
  errors: GraphqlError[];
  code: string | undefined;
  reason: string | undefined;
}

/** Sends one operation with exactly these headers, in this order and spelling: fetch would merge or refuse them. */
export async function sendWithHeaders(
  url: string,
  query: string,
  headers: RawHeaders,
  variables = {},
): Promise<RawHeadersAnswer> {
  const body = Buffer.from(JSON.stringify({ query, variables }));
  const { status, headers: answered, text } = await post(url, body, headers);
  const { data, errors = [] } = JSON.parse(text) as { data?: unknown; errors?: GraphqlError[] };
  const { code, reason } = errors[0]?.extensions ?? {};
  return { status, headers: answered, text, data, errors, code, reason };
}

function post(url: string, body: Buffer, headers: RawHeaders) {
  const raw = [
    ["Host", new URL(url).host],
    ["Content-Type", "application/json"],
    ["Content-Length", String(body.length)],
    ...headers,
  ].flat();
  return new Promise<{ status: number; headers: IncomingHttpHeaders; text: string }>((resolve, reject) => {
    const outgoing = request(url, { method: "POST", headers: raw }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    outgoing.on("error", reject).end(body);
  });
}

/** Who the gateway takes the caller for (`ok NAME`), or why it refuses: the same from an open and a guarded field. */
export async function callerBy(url: string, headers: RawHeaders): Promise<string> {
  const answer = await sendWithHeaders(
    url,
    "{ me { username } guarded: userTokens(first: 0) { totalCount } }",
    headers,
  );
  const [first, second] = answer.errors;
  if (answer.status !== 200) return `${answer.status} ${answer.code}`;
  if (!first) return `ok ${answer.data.me.username}`;
  if (second && second.extensions.reason !== first.extensions.reason) return "two different reasons";
  return first.extensions.reason ?? first.extensions.code;
}
