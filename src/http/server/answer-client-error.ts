import type { Socket } from "node:net";
import { badRequest, type LatchkeyError } from "../../errors/latchkey-error.js";
import { toGraphqlError } from "../../errors/to-graphql-error.js";
import type { StagedClosing } from "./close-in-stages.js";

const REFUSALS: Record<string, { line: string; error: LatchkeyError }> = {
  HPE_HEADER_OVERFLOW: {
    line: "431 Request Header Fields Too Large",
    error: badRequest("The headers are too large.", 431),
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    line: "408 Request Timeout",
    error: badRequest("The request took too long.", 408),
  },
};

const MALFORMED = { line: "400 Bad Request", error: badRequest("This is not HTTP.") };

/**
 * Answers what Node's HTTP parser refuses, in JSON like everything else. There
 * is no request object yet, so it is written to the socket by hand, and the connection ends.
 *
 * @param headers those that every answer has.
 */
export function answerClientError(
  headers: Readonly<Record<string, string>>,
  { closeWith, isClosing }: StagedClosing,
) {
  const common = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return (error: Error & { code?: string }, socket: Socket): void => {
    // What is dropped may be malformed or late as it likes: its client has its answer.
    if (isClosing(socket)) return;
    if (error.code === "ECONNRESET" || !socket.writable) socket.destroy();
    else closeWith(socket, refusalOf(error.code, common));
  };
}

function refusalOf(code = "", common: readonly string[]): string {
  const { line, error } = REFUSALS[code] ?? MALFORMED;
  const body = JSON.stringify({ errors: [toGraphqlError(error)] });
  const head = [
    `HTTP/1.1 ${line}`,
    "Content-Type: application/json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...common,
    "Connection: close",
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}
