import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from "fastify";
import type { DialectName } from "../../../config/dialect-schemas.js";
import { assertNotCrossSite } from "../../../credentials/csrf.js";
import { mayKeepSession } from "../../../credentials/may-keep-session.js";
import {
  readCredential,
  requireOneCredential,
  type CredentialReading,
  type Presented,
} from "../../../credentials/read-credential.js";
import { requireUser } from "../../../credentials/viewer.js";
import { unauthenticated, type LatchkeyError } from "../../../errors/latchkey-error.js";
import type { PrintedError } from "../../server/handle-error.js";
import { BASIC_CHALLENGE, BEARER_CHALLENGE, bearerChallenge } from "../../www-authenticate.js";
import { originOf, readCaller, type CallerServices } from "../../read-caller.js";
import type { Route } from "../../route.js";
import { checkBody } from "./check-body.js";
import { chooseDialects } from "./choose-operation.js";
import type { Answer, DialectServices, Operation } from "./dialect.js";

/** An operation of a dialect, and where it is served. */
export interface DialectRow {
  name: DialectName;
  method: HTTPMethods;
  /** As its document has it, without a prefix. */
  path: string;
  url: string;
  operation: Operation;
}

export type OperationServices = CallerServices & DialectServices;

/** What a request to a dialect presents, and the operation that it asks for. */
interface DialectCall {
  presented: CredentialReading;
  operation: Operation;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Null until the body is read: a refusal before that chooses the operation without it. */
    dialectCall: DialectCall | null;
  }
}

/** Call it once, before the routes are added. */
export function decorateDialectRequests(server: FastifyInstance): void {
  server.decorateRequest("dialectCall", null);
}

/** The route of one URL, with the operations that share it. */
export function operationRoute(
  services: OperationServices,
  url: string,
  rows: readonly [DialectRow, ...DialectRow[]],
): Route {
  const readCall = (request: FastifyRequest, bodyRead: boolean): DialectCall => {
    const presented = readCredential(request.raw.rawHeaders, services.cookies.name);
    return { presented, operation: choose(rows, request, presented, bodyRead) };
  };

  return {
    url,
    methods: [rows[0].method],
    ...(rows.some(({ operation }) => operation.variesByAccept) ? { variesBy: "Accept" } : {}),
    printError: (error, request): PrintedError => {
      const { presented, operation } = request.dialectCall ?? readCall(request, false);
      const challenge = error.status === 401 ? challengeOf(operation, error, presented) : null;
      return {
        body: operation.printError(error),
        ...(challenge ? { headers: { "www-authenticate": challenge } } : {}),
      };
    },
    handler: async (request, reply) => {
      const { presented, operation } = (request.dialectCall = readCall(request, true));
      const answer = await run(services, operation, { request, reply }, requireOneCredential(presented));
      return send(services, reply, answer);
    },
  };
}

function choose(
  rows: readonly [DialectRow, ...DialectRow[]],
  request: FastifyRequest,
  presented: CredentialReading,
  bodyRead: boolean,
): Operation {
  const likeliest = chooseDialects(rows[0].path, request, presented, bodyRead);
  const row = likeliest.map((name) => rows.find((each) => each.name === name)).find(Boolean) ?? rows[0];
  return row.operation;
}

/** Basic where Basic signs in, Bearer elsewhere. A refused token is named only where a token is the credential. */
function challengeOf(operation: Operation, error: LatchkeyError, presented: CredentialReading): string {
  if (operation.access === "basic") return BASIC_CHALLENGE;
  return operation.access === "guarded" && error.reason !== "NO_CREDENTIAL"
    ? bearerChallenge(presented)
    : BEARER_CHALLENGE;
}

async function run(
  services: OperationServices,
  operation: Operation,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  presented: Presented,
): Promise<Answer> {
  const call = () => ({ body: checkBody(request, operation.body), from: originOf(request) });
  switch (operation.access) {
    case "public":
      return operation.run(services, call());
    case "basic":
      if (presented.kind !== "basic")
        throw unauthenticated("BAD_LOGIN", "no Basic header, or a malformed one");
      return operation.run(services, { ...call(), basic: presented });
    case "guarded": {
      const { viewer, crossSite, deadCookie } = await readCaller(services, request, presented);
      if (deadCookie) reply.header("set-cookie", services.cookies.write("clear"));
      if (request.method !== "GET") assertNotCrossSite({ crossSite });
      return operation.run(services, { ...call(), caller: requireUser(viewer) });
    }
  }
}

function send(
  { cookies, sessionPolicy }: OperationServices,
  reply: FastifyReply,
  { body, cookie }: Answer,
): FastifyReply {
  // The answer has the token too: a client whose browser gets no cookie presents that.
  const kept = cookie === "clear" || mayKeepSession(reply.request.headers, sessionPolicy);
  if (cookie && kept) reply.header("set-cookie", cookies.write(cookie));
  return reply.type("application/json; charset=utf-8").send(JSON.stringify(body));
}
