import type { RawAnswer } from "./raw-http.js";

/** An answer of either helper: over fetch, or over the bare socket. */
export interface Answer {
  status: number;
  headers: { get(name: string): string | null };
  text: string;
}

/** Sends a request with fetch. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** The body and type of a GraphQL request over HTTP. */
export function post(body: string | Buffer, headers: Record<string, string> = {}): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json", ...headers }, body };
}

/** What came over the bare socket, in the form of the other. */
export function fromRaw({ status, headers, body }: RawAnswer): Answer {
  return { status, headers: { get: (name) => headers[name] ?? null }, text: body };
}

const CODES = [
  "BAD_REQUEST",
  "BAD_USER_INPUT",
  "CONFLICT",
  "FORBIDDEN",
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "INTERNAL_SERVER_ERROR",
  "NOT_FOUND",
  "OPERATION_RESOLUTION_FAILURE",
  "PERSISTED_QUERY_NOT_SUPPORTED",
  "SERVICE_UNAVAILABLE",
  "TOO_MANY_REQUESTS",
  "UNAUTHENTICATED",
];

/** Every refusal is JSON in GraphQL's error shape with a code of the closed list: no page, no stack, not to be cached. */
export function expectRefusal(answer: Answer, status: number, code = "BAD_REQUEST"): void {
  const { errors } = parsed(answer.text);
  expect({ status: answer.status, code: errors?.[0]?.extensions.code }).toEqual({ status, code });
  expect(answer.headers.get("content-type")).toMatch(
    /^application\/(?:json|graphql-response\+json); charset=utf-8$/,
  );
  expect(answer.headers.get("cache-control")).toBe("no-store");
  for (const { message, extensions } of errors ?? []) {
    expect(CODES).toContain(extensions.code);
    expect(message).not.toMatch(/<(?!EOF>)|\bat .*:\d+|node_modules|Error:(?! )/);
    expect(Object.keys(extensions).filter((name) => !KNOWN_EXTENSIONS.includes(name))).toEqual([]);
  }
}

const KNOWN_EXTENSIONS = ["code", "reason", "fields", "retryAfter"];

function parsed(text: string): { errors?: { message: string; extensions: { code: string } }[] } {
  try {
    return JSON.parse(text) as ReturnType<typeof parsed>;
  } catch {
    throw new Error(`this is not JSON: ${text}`);
  }
}
