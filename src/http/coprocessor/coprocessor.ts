import type { FastifyRequest } from "fastify";
import { authenticate } from "../../credentials/authenticate.js";
import { assertNotCrossSite, isCrossSite } from "../../credentials/csrf.js";
import { limitInvalidTokens, type InvalidTokenLimiting } from "../../credentials/limit-invalid-tokens.js";
import { readCredential, requireOneCredential } from "../../credentials/read-credential.js";
import { refusalOf } from "../../credentials/viewer.js";
import { LatchkeyError } from "../../errors/latchkey-error.js";
import { logError } from "../../errors/log-error.js";
import type { CallerServices } from "../read-caller.js";
import type { Route } from "../route.js";
import type { HttpServices } from "../services.js";
import { apolloRouter } from "./apollo-router.js";
import {
  forwardedClient,
  mergedHeadersOf,
  rawHeadersOf,
  readStageMessage,
  type StageMessage,
} from "./coprocessor-message.js";
import { hiveRouter } from "./hive-router.js";
import type { RouterProtocol, RouterCaller } from "./router-protocol.js";

type CoprocessorServices = CallerServices &
  InvalidTokenLimiting &
  Pick<HttpServices, "config" | "trustsProxy" | "issuePrivilege">;

/** By stage: the two routers name theirs differently. */
const PROTOCOLS: Record<string, RouterProtocol> = {
  RouterRequest: apolloRouter,
  SupergraphRequest: apolloRouter,
  "router.request": hiveRouter,
  "graphql.request": hiveRouter,
};
const STAGES = Object.keys(PROTOCOLS);

/** Bytes: a router may be set to send the client's request body, its context and its schema too. */
const BODY_LIMIT = 1024 * 1024;

/** `POST /coprocessor`: a GraphQL router asks, for each request, who sent it. */
export function coprocessorRoute(services: CoprocessorServices): Route {
  return {
    url: "/coprocessor",
    methods: ["POST"],
    bodyLimit: BODY_LIMIT,
    handler: async (request, reply) => {
      const message = readStageMessage(request.body, STAGES);
      const address = () => forwardedClient(request.ip, message.headers, services.trustsProxy);
      const answer = await answerTo(services, message, address, request.log);
      return reply.type("application/json; charset=utf-8").send(JSON.stringify(answer));
    },
  };
}

/** A refusal is an answer too: a router takes any other status than 200 for a broken coprocessor. */
async function answerTo(
  services: CoprocessorServices,
  message: StageMessage,
  address: () => string,
  log: FastifyRequest["log"],
): Promise<object> {
  const protocol = PROTOCOLS[message.stage] ?? apolloRouter;
  try {
    return protocol.proceed(message, await identify(services, message, address), services.cookies.name);
  } catch (error) {
    const known =
      error instanceof LatchkeyError ? error : new LatchkeyError("INTERNAL_SERVER_ERROR", { cause: error });
    logError(log, known);
    return protocol.refuse(message, known);
  }
}

/**
 * Tells who sent a client's request.
 *
 * @throws BAD_REQUEST for two credentials; FORBIDDEN for a cross-site request that is no read; UNAUTHENTICATED
 * for a bad credential with COPROCESSOR=strict; TOO_MANY_REQUESTS; SERVICE_UNAVAILABLE when the row cannot be read.
 */
async function identify(
  services: CoprocessorServices,
  { headers, method }: StageMessage,
  address: () => string,
): Promise<RouterCaller> {
  const presented = requireOneCredential(readCredential(rawHeadersOf(headers), services.cookies.name));
  const viewer = await limitInvalidTokens(services, address, presented, () =>
    authenticate(services, presented),
  );
  if (viewer.kind === "anonymous") return { kind: "anonymous" };
  if (viewer.kind === "invalid") {
    const signsIn = presented.kind === "basic";
    if (services.config.coprocessor === "strict" && !signsIn) throw refusalOf(viewer);
    return { kind: "invalid", viewer, signsIn };
  }
  const merged = mergedHeadersOf(headers);
  // A router runs no mutation by GET, but for the GET that opens a WebSocket.
  const reads = (method === "GET" || method === "HEAD") && merged["sec-websocket-key"] === undefined;
  const crossSite = isCrossSite(viewer, merged, services.sessionPolicy.allowedOrigins);
  assertNotCrossSite({ crossSite: crossSite && !reads });
  // A privilege token is handed on as it is. A new one made from it would outlive its five minutes.
  if (viewer.kind === "delegated" && presented.kind === "token")
    return { kind: "known", token: presented.token };
  return { kind: "known", token: services.issuePrivilege(viewer.record).privilege };
}
