import type { Agent } from "node:http";
import { systemClock, type Clock } from "#wire/clock.js";

/** A logger for the verifier's problems, such as pino. It never receives a secret or a token. */
export interface VerifierLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

interface CommonOptions {
  /** `iss` of every token and batch, exactly as the gateway's `ISSUER`. */
  issuer: string;
  /** A client of the gateway (`latchkey clients create`). It may read the feed and introspect tokens. */
  client: {
    /** May be undefined, so that you can pass `process.env.…`. `createVerifier` then throws. */
    id: string | undefined;
    secret: string | undefined;
  };
  /** The address of the gateway, when it is not the issuer's. */
  gateway?: string;
  /**
   * Allows plain http to any host for `gateway`. Use it only inside a private network: keys, revocations and
   * introspection are then only as trustworthy as that network, and the client's secret can be read in it.
   * Default false: https, or http for localhost, 127.0.0.1 and [::1].
   */
  allowInsecureRequests?: boolean;
  /** Milliseconds without a batch of the feed after which no token is accepted. 200 to 60,000; default 2,000. */
  maxStaleness?: number;
  /** What `verifyOnline` does then: refuse, or ask the gateway about each token. Default `refuse`. */
  onStale?: "refuse" | "introspect";
  /** How to read the feed: as events, by polling, or as events where they arrive (`auto`). Default `auto`. */
  feed?: "auto" | "sse" | "poll";
  /** Milliseconds between two reads of the keys. 1,000 to 600,000; default 60,000. */
  keyRefresh?: number;
  /** Milliseconds by which this machine's clock and the gateway's may differ. 0 to 60,000; default 5,000. */
  clockTolerance?: number;
  /** The number of verified tokens to cache. 0 to 10,000,000; default 10,000. */
  cacheSize?: number;
  /** Milliseconds since 1970; default `Date.now`. */
  clock?: Clock;
  /** An agent of `node:http` or `node:https`, to match the gateway's address: for proxies and private authorities. */
  agent?: Agent;
  log?: VerifierLog;
}

/** Options of a verifier of privilege tokens, which services behind the gateway receive. */
export interface PrivilegeOptions extends CommonOptions {
  tokens?: "privilege";
  /** The audience of the tokens: one of the gateway's `PRIVILEGE_AUDIENCES`. */
  audience: string;
}

/** Options of a verifier of user tokens. Their audience is the issuer. */
export interface UserOptions extends CommonOptions {
  tokens: "user";
  audience?: string;
}

export type VerifierOptions = PrivilegeOptions | UserOptions;

/** The checked options, with their defaults. */
export interface VerifierSettings {
  issuer: string;
  audience: string;
  tokens: "privilege" | "user";
  gateway: string;
  client: { id: string; secret: string };
  maxStaleness: number;
  onStale: "refuse" | "introspect";
  feed: "auto" | "sse" | "poll";
  keyRefresh: number;
  clockTolerance: number;
  cacheSize: number;
  clock: Clock;
  agent: Agent | undefined;
  log: VerifierLog;
}

const NAMES: readonly string[] = [
  "issuer",
  "audience",
  "tokens",
  "client",
  "gateway",
  "allowInsecureRequests",
  "maxStaleness",
  "onStale",
  "feed",
  "keyRefresh",
  "clockTolerance",
  "cacheSize",
  "clock",
  "agent",
  "log",
];
const LOOPBACK: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;
const NO_LOG: VerifierLog = { info: () => undefined, warn: () => undefined };

/** The message names the option and never its value, which may contain a secret. */
function fail(name: string, takes: string): never {
  throw new TypeError(`createVerifier: the option ${name} takes ${takes}`);
}

function missing(name: string): never {
  throw new TypeError(`createVerifier: the option ${name} is missing`);
}

const URL_FORM = "an absolute URL without query, fragment or user";
const SECURE = "https, or http for localhost, 127.0.0.1 and [::1]";

/** Returns the address as written, without trailing slashes: `iss` is compared as text (RFC 7519 section 4.1.1). */
function readUrl(name: string, value: unknown, isAllowed: (url: URL) => boolean, schemes: string): string {
  const takes = `${URL_FORM}; ${schemes}`;
  if (typeof value !== "string" || !URL.canParse(value)) return fail(name, takes);
  const bare = value.replace(/\/+$/, "");
  const url = new URL(value);
  const isPlain = (url.origin + url.pathname).replace(/\/+$/, "") === bare;
  return isPlain && isAllowed(url) ? bare : fail(name, takes);
}

const isSecure = ({ protocol, hostname }: URL): boolean =>
  protocol === "https:" || (protocol === "http:" && LOOPBACK.includes(hostname));

const isHttp = ({ protocol }: URL): boolean => protocol === "https:" || protocol === "http:";

/** The verifier trusts what this address answers, so plain http must be allowed explicitly. */
function readGateway(value: unknown, allowInsecure: boolean): string {
  if (allowInsecure) return readUrl("gateway", value, isHttp, "https or http");
  const otherwise = "with allowInsecureRequests: true also http for other hosts, inside a private network";
  return readUrl("gateway", value, isSecure, `${SECURE}; ${otherwise}`);
}

function readSwitch(name: string, value: unknown): boolean {
  if (value === undefined) return false;
  return typeof value === "boolean" ? value : fail(name, "true or false");
}

function readNumber(name: string, value: unknown, [least, most, usual]: [number, number, number]): number {
  if (value === undefined) return usual;
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most
    ? (value as number)
    : fail(name, `a whole number from ${least} to ${most}`);
}

function readChoice<T extends string>(name: string, value: unknown, choices: readonly [T, ...T[]]): T {
  if (value === undefined) return choices[0];
  const choice = choices.find((one) => one === value);
  return choice ?? fail(name, `one of ${choices.join(", ")}`);
}

function readClient(value: unknown): { id: string; secret: string } {
  if (typeof value !== "object" || value === null) return fail("client", "an object with id and secret");
  const { id, secret } = value as { id?: unknown; secret?: unknown };
  if (id === undefined) return missing("client.id");
  if (secret === undefined) return missing("client.secret");
  if (typeof id !== "string" || !VISIBLE_ASCII.test(id) || id.includes(":")) {
    return fail("client.id", "visible ASCII characters without a colon");
  }
  if (typeof secret !== "string" || !VISIBLE_ASCII.test(secret)) {
    return fail("client.secret", "visible ASCII characters");
  }
  return { id, secret };
}

function readAudience(value: unknown, tokens: "privilege" | "user", issuer: string): string {
  if (tokens === "user") {
    if (value === undefined || value === issuer) return issuer;
    return fail("audience", "nothing but the issuer when tokens is user");
  }
  if (typeof value !== "string" || value === "") return fail("audience", "a name");
  return value === issuer
    ? fail("audience", "an audience of privilege tokens, which the issuer is not")
    : value;
}

function readClock(value: unknown): Clock {
  if (value === undefined) return systemClock;
  return typeof value === "function" ? (value as Clock) : fail("clock", "a function");
}

/** Agents of other packages extend Node's or have the same methods. */
function readAgent(value: unknown): Agent | undefined {
  if (value === undefined) return undefined;
  const { addRequest } = (value ?? {}) as { addRequest?: unknown };
  return typeof addRequest === "function"
    ? (value as Agent)
    : fail("agent", "an agent of node:http or node:https");
}

function readLog(value: unknown): VerifierLog {
  if (value === undefined) return NO_LOG;
  const { info, warn } = (value ?? {}) as Partial<Record<"info" | "warn", unknown>>;
  return typeof info === "function" && typeof warn === "function"
    ? (value as VerifierLog)
    : fail("log", "an object with the functions info and warn");
}

/**
 * Checks the options of a verifier and applies the defaults.
 *
 * @throws TypeError that names the first invalid or unknown option.
 */
export function readOptions(options: unknown): VerifierSettings {
  if (typeof options !== "object" || options === null)
    throw new TypeError("createVerifier takes an object of options");
  const given = options as Record<string, unknown>;
  const unknown = Object.keys(given).find((name) => !NAMES.includes(name));
  if (unknown !== undefined)
    throw new TypeError(`createVerifier: there is no option ${JSON.stringify(unknown)}`);
  const issuer = readUrl("issuer", given.issuer, isSecure, SECURE);
  const allowInsecure = readSwitch("allowInsecureRequests", given.allowInsecureRequests);
  const tokens = readChoice("tokens", given.tokens, ["privilege", "user"]);
  return Object.freeze({
    issuer,
    tokens,
    audience: readAudience(given.audience, tokens, issuer),
    client: readClient(given.client),
    gateway: given.gateway === undefined ? issuer : readGateway(given.gateway, allowInsecure),
    maxStaleness: readNumber("maxStaleness", given.maxStaleness, [200, 60_000, 2_000]),
    onStale: readChoice("onStale", given.onStale, ["refuse", "introspect"]),
    feed: readChoice("feed", given.feed, ["auto", "sse", "poll"]),
    keyRefresh: readNumber("keyRefresh", given.keyRefresh, [1_000, 600_000, 60_000]),
    clockTolerance: readNumber("clockTolerance", given.clockTolerance, [0, 60_000, 5_000]),
    cacheSize: readNumber("cacheSize", given.cacheSize, [0, 10_000_000, 10_000]),
    clock: readClock(given.clock),
    agent: readAgent(given.agent),
    log: readLog(given.log),
  });
}
