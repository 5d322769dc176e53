import { requestHead, sendRaw, type RawAnswer } from "../raw-http.js";
import type { Operation } from "./operations.js";

/** Put into whatever is sent; no answer may hold it. */
export const MARKER = "echo-me-51f0";

type Headers = Record<string, string> | readonly string[];

/** One request over a socket of its own, exactly as it is written here; a body comes with its length. */
export function sendLine(
  url: string,
  line: string,
  headers: Headers = {},
  body?: string | Buffer,
): Promise<RawAnswer> {
  const listed = Array.isArray(headers)
    ? (headers as string[])
    : Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  // The bare socket writes text as Latin-1.
  const bytes = body === undefined ? [] : [Buffer.from(body)];
  const length = bytes.map(({ length: size }) => `Content-Length: ${size}`);
  return sendRaw(url, requestHead(line, [...listed, ...length]), ...bytes);
}

export const JSON_TYPE = { "Content-Type": "application/json" };

/** Headers that every answer has, and those that only some have. */
const FIXED = {
  "content-type": "application/json; charset=utf-8",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "set-cookie": undefined,
};

/**
 * A refusal is of the dialect's own shape to the letter, is JSON that nobody keeps, says 401 with its challenge and only
 * then, and holds no page, no stack and nothing of what was sent.
 */
export function expectRefused(
  answer: RawAnswer,
  { error }: Pick<Operation, "error">,
  status: number,
  challenge?: string,
  cookie?: string,
): void {
  const headers = Object.fromEntries(Object.keys(FIXED).map((name) => [name, answer.headers[name]]));
  const found = { status: answer.status, challenge: answer.headers["www-authenticate"], headers };
  expect({ ...found, body: bodyOf(answer) }).toEqual({
    status,
    challenge,
    headers: { ...FIXED, "set-cookie": cookie },
    body: error,
  });
  expect(answer.text).not.toContain(MARKER);
  expect(answer.body).not.toMatch(/[<>]|\bat .*:\d+|node_modules|Error:|undefined|\[object/);
}

function bodyOf({ body }: RawAnswer): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return `no JSON: ${body}`;
  }
}
