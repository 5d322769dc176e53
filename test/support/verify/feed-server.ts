import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { makePair, nowSeconds, privilegeClaims, signAs, userClaims, type SigningPair } from "./issuer.js";
import { decodeJwt } from "jose";

export const CLIENT = { id: "orders", secret: "a-client-secret-of-the-test-suite" };

const KEYS = "/.well-known/jwks.json";

export type Entry = Record<string, unknown>;
/** What a batch is made of before it is signed; a test may change any of it. */
export interface Unsigned {
  payload: Record<string, unknown>;
  typ: string;
  pair: SigningPair;
}

/** What a test may do to the other side of the protocol. */
export interface Knobs {
  /** Milliseconds between two heartbeats. */
  heartbeat: number;
  /** The feed keeps its connections and says nothing. */
  silent: boolean;
  /** `html`: something on the way answers instead; `kept`: something on the way keeps the events to itself. */
  events: "sent" | "html" | "kept";
  /** Entries in one batch. */
  page: number;
  /** Status of every answer of a route, by its path. */
  statuses: Record<string, number>;
  /** Seconds by which the issuer's clock is ahead. */
  ahead: number;
  /** Changes a batch before it is signed. */
  change: (batch: Unsigned) => Unsigned;
  /** Changes what goes out in its place. */
  replace: (jws: string) => string;
  /** What introspection says of a token. */
  introspect: (token: string) => unknown;
}

/** The gateway's side of the protocol, as its format document has it: a real server, real signatures. */
export interface FeedServer {
  url: string;
  /** The first one signs; all are published. */
  keys: SigningPair[];
  knobs: Knobs;
  /** Requests so far, by path; streams as `events`. */
  requests: Record<string, number>;
  /** Resume points that were asked for, in order. */
  resumed: string[];
  stop(): Promise<void>;
  /** Listens again, on the same port. */
  start(): Promise<void>;
  /** Ends every connection; the next ones are welcome. */
  cut(): void;
  connections(): Promise<number>;
  /** Writes entries down and sends them. Returns the position of the last one. */
  say(...entries: Entry[]): string;
  /** The database is set back to its first `kept` entries. */
  restore(kept: number): void;
  privilege(changes?: object, header?: Record<string, unknown>): Promise<string>;
  user(changes?: object, header?: Record<string, unknown>): Promise<string>;
}

/** What the routes share. */
interface Side extends Pick<FeedServer, "url" | "keys" | "knobs" | "requests" | "resumed"> {
  log: Entry[];
  wakers: Set<() => void>;
}

const plainKnobs = (): Knobs => ({
  heartbeat: 50,
  silent: false,
  events: "sent",
  page: 1000,
  statuses: {},
  ahead: 0,
  change: (batch) => batch,
  replace: (jws) => jws,
  introspect: (token) => ({ ...decodeJwt(token), active: true }),
});

/** Starts one on a free port of this machine, with one key. */
export async function startFeedServer(): Promise<FeedServer> {
  const side: Side = {
    url: "",
    keys: [await makePair()],
    knobs: plainKnobs(),
    requests: {},
    resumed: [],
    log: [],
    wakers: new Set(),
  };
  let server = await listen(side, 0);
  const { port } = server.address() as AddressInfo;
  side.url = `http://127.0.0.1:${port}`;
  const sign = (typ: string, claims: object, header: Record<string, unknown> = {}) =>
    signAs(side.keys[0]!, typ, claims, header);
  return {
    ...side,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
    async start() {
      server = await listen(side, port);
    },
    cut: () => server.closeAllConnections(),
    connections: () => new Promise((resolve) => server.getConnections((_, count) => resolve(count))),
    say(...entries) {
      for (const entry of entries) side.log.push({ exp: nowSeconds() + 3600, ...entry });
      for (const wake of side.wakers) wake();
      return String(side.log.length);
    },
    restore(kept) {
      side.log.splice(kept);
      server.closeAllConnections();
    },
    privilege: (changes, header) => sign("privilege+jwt", privilegeClaims(side.url, changes), header),
    user: (changes, header) => sign("user+jwt", userClaims(side.url, changes), header),
  };
}

function listen(side: Side, port: number): Promise<Server> {
  const server = createServer((request, response) => void answer(side, request, response));
  // It is for the verifier to end what it does not need.
  server.keepAliveTimeout = 300_000;
  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(server)));
}

async function answer(side: Side, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { knobs, log } = side;
  const { pathname: path, searchParams } = new URL(request.url ?? "/", side.url);
  const streams = request.headers.accept === "text/event-stream";
  const name = streams ? "events" : path;
  side.requests[name] = (side.requests[name] ?? 0) + 1;
  const after = String(request.headers["last-event-id"] ?? searchParams.get("after") ?? "0");
  const status = knobs.statuses[path] ?? (path === KEYS || isSignedIn(request) ? undefined : 401);
  if (status !== undefined) response.writeHead(status).end();
  else if (path === KEYS) answerKeys(side, request, response);
  else if (path === "/introspect") await answerIntrospection(side, request, response);
  else if (side.resumed.push(after) && Number(after) > log.length) {
    sendJson(response, 409, { errors: [{ message: "", extensions: { code: "CONFLICT" } }] });
  } else if (streams) await stream(side, response, Number(after));
  else if (knobs.silent) response.writeHead(503).end();
  else sendJson(response, 200, { batch: (await makeBatch(side, Number(after))).jws });
}

function isSignedIn({ headers }: IncomingMessage): boolean {
  const pair = Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString("base64");
  return headers.authorization === `Basic ${pair}`;
}

function answerKeys({ keys }: Side, request: IncomingMessage, response: ServerResponse): void {
  const etag = `"${keys.map(({ kid }) => kid).join()}"`;
  response.setHeader("etag", etag);
  if (request.headers["if-none-match"] === etag) response.writeHead(304).end();
  else sendJson(response, 200, { keys: keys.map(({ jwk }) => jwk) });
}

async function answerIntrospection(
  { knobs }: Side,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let body = "";
  for await (const part of request.setEncoding("utf8")) body += part as string;
  sendJson(response, 200, knobs.introspect(new URLSearchParams(body).get("token") ?? ""));
}

async function makeBatch({ url, keys, knobs, log }: Side, after: number) {
  const to = Math.min(after + knobs.page, log.length);
  const more = to < log.length;
  const payload = {
    iss: url,
    iat: nowSeconds() + knobs.ahead,
    v: 1,
    after: String(after),
    to: String(to),
    more,
    entries: log.slice(after, to),
  };
  const { pair, typ, payload: claims } = knobs.change({ payload, typ: "revocations+jwt", pair: keys[0]! });
  return { to, more, jws: knobs.replace(await signAs(pair, typ, claims)) };
}

async function stream(side: Side, response: ServerResponse, after: number): Promise<void> {
  const { knobs } = side;
  const type = knobs.events === "html" ? "text/html" : "text/event-stream";
  response.writeHead(200, { "content-type": type }).flushHeaders();
  for (let at = after; !response.destroyed;) {
    if (knobs.silent || knobs.events !== "sent") {
      await pause(side, response);
      continue;
    }
    const { to, more, jws } = await makeBatch(side, at);
    at = to;
    const flows = response.write(`id: ${to}\nevent: batch\ndata: ${jws}\n\n`);
    if (!flows) await drained(response);
    if (!more) await pause(side, response);
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}

/** Until the next heartbeat, the next entry, or the end of the connection. */
function pause({ knobs, wakers }: Side, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      wakers.delete(done);
      response.off("close", done);
      resolve();
    };
    const timer = setTimeout(done, knobs.heartbeat);
    wakers.add(done);
    response.on("close", done);
  });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
