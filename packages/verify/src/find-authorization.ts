import { types } from "node:util";
import { refuse, type Refusal } from "./verification.js";

/** The headers of a Fetch request, or an object with the same `get`. */
export interface FetchHeaders {
  get(name: string): string | null;
}

/** The value of a header, or a list of its values. */
type HeaderValue = string | readonly string[] | null | undefined;

/** Headers by name, in any case: of a Node request, or `headers` or `multiValueHeaders` of an AWS event. */
export type NodeHeaders = Readonly<Record<string, HeaderValue>>;

/** Headers in a `Map` by name, in any case. */
export type HeaderMap = ReadonlyMap<string, HeaderValue>;

/** Headers in order: `rawHeaders` of a Node request (name, value, name, value …), or pairs. */
export type HeaderList = readonly string[] | readonly (readonly [name: string, value: HeaderValue])[];

/** The headers of a request, in every supported form. */
export type RequestHeaders = NodeHeaders | FetchHeaders | HeaderMap | HeaderList;

const NAME = "authorization";
const NO_HEADERS = "neither a token nor the headers of a request";
const REPEATED = "Authorization is there more than once";

const noHeaders = (): Refusal => refuse("INVALID_CREDENTIAL", NO_HEADERS);

/** Names of headers are compared without case (RFC 9110 section 5.1). */
const isAuthorization = (name: string): boolean =>
  name === NAME || (name.length === NAME.length && name.toLowerCase() === NAME);

/** Returns the one value, or "" if there is none. A list of several values is a repeated header, which is refused. */
function readValue(value: unknown): string | Refusal {
  if (typeof value === "string") return value;
  if (value === undefined || value === null) return "";
  if (!Array.isArray(value)) return refuse("INVALID_CREDENTIAL", "Authorization is no text");
  if (value.length > 1) return refuse("INVALID_CREDENTIAL", REPEATED);
  const [only] = value as unknown[];
  return typeof only === "string" ? only : refuse("INVALID_CREDENTIAL", "Authorization is no text");
}

/** Combines two spellings of the name. They must not have different values. */
function join(found: string | Refusal | undefined, value: unknown): string | Refusal {
  const next = readValue(value);
  if (found === undefined || found === "" || typeof next !== "string") return next;
  if (typeof found !== "string" || next === "" || next === found) return found;
  return refuse("INVALID_CREDENTIAL", "Authorization is there in two spellings that differ");
}

/** False for an instance of a class, such as a request or a promise: its properties are not headers. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Whether headers can have this value. An object as a value means that these are not headers, but a whole request. */
const isHeaderValue = (value: unknown): boolean =>
  typeof value !== "function" && (typeof value !== "object" || value === null || Array.isArray(value));

function fromRecord(headers: Readonly<Record<string, unknown>>): string | Refusal {
  if (!isPlain(headers)) return noHeaders();
  let found: string | Refusal | undefined;
  for (const name in headers) {
    if (isAuthorization(name) && Object.hasOwn(headers, name)) found = join(found, headers[name]);
  }
  if (found !== undefined) return found;
  return Object.values(headers).every(isHeaderValue) ? "" : noHeaders();
}

function fromMap(headers: ReadonlyMap<unknown, unknown>): string | Refusal {
  let found: string | Refusal | undefined;
  for (const [name, value] of headers) {
    if (typeof name !== "string" || !isHeaderValue(value)) return noHeaders();
    if (isAuthorization(name)) found = join(found, value);
  }
  return found ?? "";
}

/** In a list each item is a header that was sent. A second one is a repetition, even with an equal value. */
function fromPairs(pairs: Iterable<readonly [name: unknown, value: unknown]>): string | Refusal {
  let found: string | Refusal | undefined;
  let times = 0;
  for (const [name, value] of pairs) {
    if (typeof name !== "string" || !isHeaderValue(value)) return noHeaders();
    if (!isAuthorization(name)) continue;
    times += 1;
    found = readValue(value);
  }
  return times > 1 ? refuse("INVALID_CREDENTIAL", REPEATED) : (found ?? "");
}

function* pairsOf(list: readonly string[]): Iterable<[string, string]> {
  for (let at = 0; at < list.length; at += 2) yield [list[at] ?? "", list[at + 1] ?? ""];
}

const isPair = (one: unknown): one is [unknown, unknown] => Array.isArray(one) && one.length === 2;
const isText = (one: unknown): one is string => typeof one === "string";

function fromList(list: readonly unknown[]): string | Refusal {
  if (list.length % 2 === 0 && list.every(isText)) return fromPairs(pairsOf(list));
  return list.every(isPair) ? fromPairs(list) : noHeaders();
}

/**
 * Finds the value of `Authorization` in the headers of a request, in any supported form.
 *
 * @returns "" when there is no such header; a refusal when there are several, or when the argument is not headers. A
 *   wiring mistake must not make every caller anonymous.
 */
export function findAuthorization(headers: unknown): string | Refusal {
  if (typeof headers !== "object" || headers === null) return noHeaders();
  if (Array.isArray(headers)) return fromList(headers);
  const { get } = headers as { get?: unknown };
  if (typeof get !== "function") return fromRecord(headers as Record<string, unknown>);
  if (types.isMap(headers)) return fromMap(headers);
  return readValue((headers as FetchHeaders).get(NAME));
}
