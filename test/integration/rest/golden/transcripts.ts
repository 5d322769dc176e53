import { requestHead, sendRaw, type RawAnswer } from "../../../support/raw-http.js";
import type { RestAnswer } from "../../../support/rest/call.js";

/** A request as a document prints it: its line, its headers in their spelling and order, its body as text. */
export interface Transcript {
  line: string;
  host: string;
  headers?: readonly string[];
  body?: string;
}

export interface TranscriptAnswer extends RawAnswer {
  statusLine: string;
  json: RestAnswer["body"];
}

/** Sends exactly these bytes; what a document leaves out is the length of a body. */
export async function perform(
  url: string,
  { line, host, headers = [], body }: Transcript,
): Promise<TranscriptAnswer> {
  const length = body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  const head = requestHead(line, [...headers, ...length], `Host: ${host}`);
  const answer = await sendRaw(url, head, ...(body === undefined ? [] : [Buffer.from(body)]));
  const [statusLine = ""] = answer.text.split("\r\n");
  return { ...answer, statusLine, json: JSON.parse(answer.body) };
}

/** What curl sends beside what it is told to. */
export const CURL = ["User-Agent: curl/8.5.0", "Accept: */*"];

export const JSON_TYPE = "application/json; charset=utf-8";

/** The status line and those headers that the documents print. */
export const headOf = ({ statusLine, headers }: TranscriptAnswer) => ({
  statusLine,
  type: headers["content-type"],
  vary: headers.vary,
});

export const OK = { statusLine: "HTTP/1.1 200 OK", type: JSON_TYPE, vary: undefined };
export const OK_VARY = { ...OK, vary: "Accept" };
export const UNAUTHORIZED = { ...OK, statusLine: "HTTP/1.1 401 Unauthorized" };
export const UNAUTHORIZED_VARY = { ...UNAUTHORIZED, vary: "Accept" };
