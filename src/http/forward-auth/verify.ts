import { METHODS } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { authenticate } from "../../credentials/authenticate.js";
import { limitInvalidTokens, type InvalidTokenLimiting } from "../../credentials/limit-invalid-tokens.js";
import { readCredential } from "../../credentials/read-credential.js";
import { assertNotCrossSite } from "../../credentials/csrf.js";
import { requireUser } from "../../credentials/viewer.js";
import { LatchkeyError } from "../../errors/latchkey-error.js";
import { toGraphqlError } from "../../errors/to-graphql-error.js";
import { effectiveScopes } from "../../tokens/scopes.js";
import { bearerChallenge, insufficientScopeChallenge } from "../www-authenticate.js";
import type { PrintError } from "../server/handle-error.js";
import { callerOf, readPresented, type CallerServices } from "../read-caller.js";
import type { Route } from "../route.js";
import type { HttpServices } from "../services.js";
import { identityHeaders } from "./identity-headers.js";
import { isPreflight, isRead } from "./original-method.js";
import { readVerifyQuery, type VerifyQuery } from "./read-verify-query.js";

type VerifyServices = CallerServices & InvalidTokenLimiting & Pick<HttpServices, "issuePrivilege">;

const NO_QUERY: VerifyQuery = { audience: null, scopes: [], passesPreflights: false };

/**
 * `/verify`: a proxy asks, with the headers of a request, who sent it (nginx auth_request, Traefik
 * ForwardAuth, Envoy ext_authz). The request's body is never looked at.
 */
export function verifyRoutes(services: VerifyServices): Route[] {
  const printError: PrintError = (error, request) => ({
    body: { errors: [toGraphqlError(error)] },
    ...(error.status === 401 ? { headers: { "www-authenticate": challengeOf(services, request) } } : {}),
  });
  return [
    {
      url: "/verify",
      methods: ["GET", "POST"],
      body: "ignored",
      aboutAnother: true,
      printError,
      handler: (request, reply) =>
        verify(services, request, reply, {
          query: readVerifyQuery(request.url, services.config.privilege.audiences),
          method: null,
        }),
    },
    {
      // Envoy puts the prefix before the path of the request and keeps its method: its query is the client's.
      url: "/verify/*",
      methods: METHODS.filter((method) => method !== "CONNECT"),
      body: "ignored",
      aboutAnother: true,
      printError,
      handler: (request, reply) =>
        verify(services, request, reply, { query: NO_QUERY, method: request.method }),
    },
  ];
}

async function verify(
  services: VerifyServices,
  request: FastifyRequest,
  reply: FastifyReply,
  { query, method }: { query: VerifyQuery; method: string | null },
): Promise<FastifyReply> {
  // Browsers send no credential with a preflight: none is read, and the answer names no user.
  if (query.passesPreflights && isPreflight(request.headers)) return reply.code(200).send();
  const presented = readPresented(services, request);
  const viewer = await limitInvalidTokens(
    services,
    () => request.ip,
    presented,
    () => authenticate(services, presented),
  );
  const { crossSite, deadCookie } = callerOf(services, request, presented, viewer);
  if (deadCookie) reply.header("set-cookie", services.cookies.write("clear"));
  const { record } = requireUser(viewer);
  assertNotCrossSite({ crossSite: crossSite && !isRead(request.headers, method) });
  const scopes = effectiveScopes(record.token.scopes, record.user.role);
  if (!query.scopes.every((scope) => scopes.includes(scope))) {
    reply.header("www-authenticate", insufficientScopeChallenge(query.scopes));
    throw new LatchkeyError("FORBIDDEN", { message: "The token lacks a scope that is needed here." });
  }
  const { privilege } = services.issuePrivilege(record, query.audience);
  return reply.code(200).headers(identityHeaders(record, privilege)).send();
}

function challengeOf({ cookies }: VerifyServices, request: FastifyRequest): string {
  return bearerChallenge(readCredential(request.raw.rawHeaders, cookies.name));
}

/** `/verify/`, in a request target with a host before it too (RFC 9112 section 3.2.2). */
const BEHIND_VERIFY = /^(?:[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*)?\/verify\//;

/**
 * The request target that routes are chosen by. What follows `/verify/` is the target of another request, in
 * whatever spelling its client chose. It is removed before it is decoded, because it has no meaning here.
 */
export function routedTarget(target: string): string {
  return BEHIND_VERIFY.test(target) ? "/verify/" : target;
}
