import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from "fastify";
import { monotonicClock } from "../../lib/clock.js";
import { answerClientError } from "./answer-client-error.js";
import { createStagedClosing, type StagedClosing } from "./close-in-stages.js";
import { endIfEarly, handleError } from "./handle-error.js";
import { detectEmptyBodies, parseJsonBodies } from "./bodies.js";
import { answerExpectations, limitPipelining, MAX_HEADERS, refuseUnreadable } from "./early-refusals.js";
import { reportUnlistedOrigins } from "./report-unlisted-origins.js";
import { addRoutes } from "../routes.js";
import type { HttpServices } from "../services.js";
import { addHeaders, securityHeaders } from "./response-headers.js";
import { routedTarget } from "../forward-auth/verify.js";

/** Milliseconds. */
const LAST_ARRIVALS_MS = 200;
/** Bytes. */
const MAX_BODY = 64 * 1024;
const MAX_HEADERS_SIZE = 16 * 1024;

/**
 * The HTTP server with all routes, not yet listening. Slow, oversized and
 * malformed requests are cut off before they cost anything, and everything it refuses is JSON.
 */
export async function createServer(services: HttpServices): Promise<FastifyInstance> {
  const { config, sessionPolicy } = services;
  const log: FastifyBaseLogger = services.log;
  const headers = securityHeaders(config.secureCookies);
  const closing = createStagedClosing();
  const server = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: services.trustsProxy,
    bodyLimit: MAX_BODY,
    requestTimeout: 10_000,
    // A proxy that sends a request while this end closes the connection loses it: the proxy must be the one that closes.
    keepAliveTimeout: config.server.keepAliveMs,
    maxRequestsPerSocket: 1_000,
    // Requests that are on their way in when the drain begins are served, with Connection: close.
    return503OnClosing: false,
    forceCloseConnections: "idle",
    exposeHeadRoutes: false,
    // A body is judged as it was sent: nothing is converted, dropped or filled in.
    ajv: {
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: false,
        allErrors: true,
        strict: false,
      },
    },
    http: {
      maxHeaderSize: MAX_HEADERS_SIZE,
      headersTimeout: 5_000,
      connectionsCheckingInterval: 1_000,
      // Node would refuse it without a body; refuseUnreadable does so in JSON.
      requireHostHeader: false,
    },
    rewriteUrl: ({ url = "" }) => routedTarget(url),
    clientErrorHandler: answerClientError(headers, closing),
    // Before any hook: the headers of every answer are not there yet.
    frameworkErrors: (error, request, reply) => void handleError(error, request, reply.headers(headers)),
  });
  // One more than is allowed, so that too many can be told from enough.
  server.server.maxHeadersCount = MAX_HEADERS + 1;
  server.server.maxConnections = 10_000;
  closing.watch(server.server);
  answerExpectations(server.server);
  server.setErrorHandler(handleError);
  parseJsonBodies(server);
  detectEmptyBodies(server);
  reportUnlistedOrigins(server, { listed: sessionPolicy.allowedOrigins, clock: monotonicClock });
  await addHeaders(server, config.allowedOrigins, headers);
  limitPipelining(server);
  server.addHook("onRequest", refuseUnreadable);
  addRoutes(server, services);
  endConnections(server, closing);
  return server;
}

/**
 * Says `Connection: close` with the answers that end their connections: those that go out before the client has sent
 * all of its request, and once the server closes every one, for an idle connection would be waited for.
 */
function endConnections(server: FastifyInstance, closing: StagedClosing): void {
  let stopping = false;
  server.addHook("onSend", (_request, reply, payload, done) => {
    if (stopping) reply.header("connection", "close");
    else endIfEarly(reply);
    done(null, payload);
  });
  server.addHook("preClose", async () => {
    stopping = true;
    closing.hurry();
    await awaitLastArrivals(server);
    closing.endUnused();
  });
}

/**
 * Keeps a server that stops open for a moment, for requests that are already on
 * their way: they find their connection instead of a reset.
 */
async function awaitLastArrivals(server: FastifyInstance): Promise<void> {
  const open = await promisify(server.server.getConnections.bind(server.server))();
  if (open === 0) return;
  await sleep(LAST_ARRIVALS_MS);
  // After a timer, and before an immediate, Node reads what has arrived.
  await setImmediate();
}
