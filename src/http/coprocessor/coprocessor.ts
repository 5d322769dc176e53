import type { FastifyRequest } from "fastify";
import { authenticate } from "../../credentials/authenticate.js";
import { isCrossSiteRequest, assertNotCrossSite } from "../../credentials/csrf.js";
import type { AttemptSource, AttemptSourceAt } from "../../credentials/attempt-source.js";
import { readCredential } from "../../credentials/read-credential.js";
import { refusalOf } from "../../credentials/require-user.js";
import { LatchkeyError, badRequest } from "../../errors/latchkey-error.js";
import { logError } from "../../graphql/log-error.js";
import type { IssuePrivilege } from "../../tokens/issue-privilege.js";
import type { ProxyTrust } from "../server/proxy-trust.js";
import type { CallerDeps } from "../read-caller.js";
import type { Route } from "../route.js";
import { apolloRouter } from "./apollo-router.js";
import { mergedHeadersOf, rawHeadersOf, readStageMessage, type StageMessage } from "./coprocessor-message.js";
import { forwardedClient } from "../forward-auth/forwarded-client.js";
import { hiveRouter } from "./hive-router.js";
import type { RouterProtocol, Subject } from "./router-protocol.js";

export interface CoprocessorDeps {
  callers: CallerDeps;
  sourceAt: AttemptSourceAt;
  trustsProxy: ProxyTrust;
  issuePrivilege: IssuePrivilege;
  /** A bad credential ends the request with 401, instead of going on as nobody's. */
  strict: boolean;
}

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
export function coprocessorRoute(deps: CoprocessorDeps): Route {
  return {
    url: "/coprocessor",
    methods: ["POST"],
    bodyLimit: BODY_LIMIT,
    handler: async (request, reply) => {
      const message = readStageMessage(request.body, STAGES);
      const source = deps.sourceAt(() => forwardedClient(request.ip, message.headers, deps.trustsProxy));
      const answer = await answerTo(deps, message, source, request.log);
      return reply.type("application/json; charset=utf-8").send(JSON.stringify(answer));
    },
  };
}

/** A refusal is an answer too: a router takes any other status than 200 for a broken coprocessor. */
async function answerTo(
  deps: CoprocessorDeps,
  message: StageMessage,
  source: AttemptSource,
  log: FastifyRequest["log"],
): Promise<object> {
  const protocol = PROTOCOLS[message.stage] ?? apolloRouter;
  try {
    return protocol.proceed(message, await identify(deps, message, source), deps.callers.cookies.name);
  } catch (error) {
    const known =
      error instanceof LatchkeyError ? error : new LatchkeyError("INTERNAL_SERVER_ERROR", { cause: error });
    logError(log, known);
    return protocol.refuse(message, known);
  }
}

/**
 * Whom a client's request comes from.
 *
 * @throws BAD_REQUEST for two credentials; FORBIDDEN for a foreign page that acts by the cookie; UNAUTHENTICATED
 * for a bad credential when that is refused; TOO_MANY_REQUESTS; SERVICE_UNAVAILABLE when the row cannot be checked.
 */
async function identify(
  { callers, issuePrivilege, strict }: CoprocessorDeps,
  { headers, method }: StageMessage,
  source: AttemptSource,
): Promise<Subject> {
  const presented = readCredential(rawHeadersOf(headers), callers.cookies.name);
  if (presented.kind === "ambiguous") throw badRequest(presented.message);
  const viewer = await authenticate(callers.authentication, presented, source);
  if (viewer.kind === "anonymous") return { kind: "nobody" };
  if (viewer.kind === "invalid") {
    const signsIn = presented.kind === "basic";
    if (strict && !signsIn) throw refusalOf(viewer);
    return { kind: "invalid", viewer, signsIn };
  }
  const byCookie = presented.kind === "token" && presented.mechanism === "cookie";
  const merged = mergedHeadersOf(headers);
  // A router runs no mutation by GET, but for the GET that opens a WebSocket.
  const reads = (method === "GET" || method === "HEAD") && merged["sec-websocket-key"] === undefined;
  const crossSite = byCookie && !reads && isCrossSiteRequest(merged, callers.allowedOrigins);
  assertNotCrossSite({ crossSite });
  // A privilege token is handed on and never made anew of itself: it would outlive its five minutes so.
  if (viewer.kind === "delegated" && presented.kind === "token")
    return { kind: "known", token: presented.token };
  return { kind: "known", token: issuePrivilege(viewer.record).privilege };
}
