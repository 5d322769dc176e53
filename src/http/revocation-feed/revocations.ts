import type { ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { isClientActive } from "../../clients/authenticate-client.js";
import { badRequest, unavailable } from "../../errors/latchkey-error.js";
import { toGraphqlError } from "../../errors/to-graphql-error.js";
import type { Batch } from "../../revocation/read-batch.js";
import type { RevocationFeed } from "../../revocation/revocation-feed.js";
import type { PrintError } from "../server/handle-error.js";
import type { Route } from "../route.js";
import type { HttpServices } from "../services.js";
import { printOauthError } from "../oauth/oauth-error.js";
import { requireClient } from "../oauth/require-client.js";

/** Milliseconds between two looks whether a client that follows has been revoked. */
const CLIENT_CHECK_MS = 5_000;

/** Milliseconds that a follower may take to make room for the next batch. */
const STALLED_MS = 10_000;

/** What a BIGINT holds, and more than will ever be given. */
const POSITION = /^\d{1,19}$/;

const STREAM = "text/event-stream";

/** `GET /revocations` (docs/revocation-feed.md): a page of the feed as JSON, or the feed as server-sent events. */
export function revocationsRoute({ clients, feed }: Pick<HttpServices, "clients" | "feed">): Route {
  return {
    url: "/revocations",
    methods: ["GET"],
    printError,
    variesBy: "accept",
    handler: async (request, reply) => {
      const { id } = await requireClient(clients, request);
      const { after } = request.query as { after?: unknown };
      const asked = readPosition("after", after) ?? 0;
      if (!wantsStream(request)) return reply.send({ batch: (await feed.read(asked, id)).jws });
      const resumed = readPosition("Last-Event-ID", request.headers["last-event-id"]);
      const from = { client: id, after: resumed ?? asked };
      return follow(feed, from, reply, () => isClientActive(clients, id));
    },
  };
}

/** A client that is not authenticated gets the same answer as at the other endpoints for clients. */
const printError: PrintError = (error, request) =>
  error.status === 401 ? printOauthError(error, request) : { body: { errors: [toGraphqlError(error)] } };

/** A position beyond what numbers hold exactly is beyond every feed, too. */
function readPosition(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string" || !POSITION.test(value))
    throw badRequest(`${name} must be one position: 1 to 19 digits.`);
  return Number(value);
}

function wantsStream({ headers: { accept = "" } }: FastifyRequest): boolean {
  return accept.split(",").some((range) => range.split(";", 1)[0]?.trim().toLowerCase() === STREAM);
}

async function follow(
  feed: RevocationFeed,
  from: { client: string; after: number },
  reply: FastifyReply,
  isAllowed: () => Promise<boolean>,
): Promise<FastifyReply> {
  const { raw } = reply;
  const gone = new AbortController();
  raw.once("close", () => {
    gone.abort();
  });
  const check = async () => {
    if (!(await isAllowed())) gone.abort();
  };
  // What cannot be looked up now is looked up the next time; meanwhile there is no news either.
  const checking = setInterval(() => void check().catch(() => undefined), CLIENT_CHECK_MS);
  // What cannot be written any more is told by the end of the connection.
  raw.on("error", () => undefined);
  const deliver = async (batch: Batch) => {
    if (raw.destroyed) return;
    if (!raw.headersSent) beginStream(reply);
    if (!raw.write(eventOf(batch))) await drained(raw);
  };
  await feed.follow(from, gone.signal, deliver).finally(() => {
    clearInterval(checking);
  });
  if (raw.destroyed) return reply.hijack();
  if (!raw.headersSent) throw unavailable("stopping");
  // Who has not read what was sent would hold up a stop.
  if (raw.writableNeedDrain) raw.destroy();
  else raw.end();
  return reply;
}

/** From here on the connection is ours: it ends with the stream, so that a stop need not wait for it. */
function beginStream(reply: FastifyReply): void {
  reply.hijack();
  reply.raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    "content-type": STREAM,
    connection: "close",
    // nginx would collect what it is sent.
    "x-accel-buffering": "no",
  });
}

const eventOf = ({ to, jws }: Batch): string => `id: ${to}\nevent: batch\ndata: ${jws}\n\n`;

/** Resolves when there is room again. A reader that makes none in time is cut off: nothing is kept for it. */
function drained(raw: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => raw.destroy(), STALLED_MS);
    const settle = () => {
      clearTimeout(timer);
      raw.off("drain", settle).off("close", settle);
      resolve();
    };
    raw.on("drain", settle).on("close", settle);
  });
}
