import { METHODS } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from "fastify";
import { LatchkeyError, badRequest } from "../errors/latchkey-error.js";
import { decorateDialectRequests } from "./rest/framework/operation-route.js";
import { dialectRoutes } from "./rest/routes.js";
import { documentRoute } from "./well-known/document-route.js";
import { graphqlRoute } from "./graphql/graphql-route.js";
import { sendError } from "./server/handle-error.js";
import { healthRoute, readinessRoute } from "./server/health-routes.js";
import { parseFormBodies } from "./server/bodies.js";
import type { Route } from "./route.js";
import { serviceRoutes } from "./service-endpoints.js";
import type { HttpServices } from "./services.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What is asked is about another request: a preflight that came along is that one's. */
    aboutAnother?: boolean;
  }
}

/** Every URL that the gateway serves, on one page. */
function routeTable(services: HttpServices): Route[] {
  return [
    { url: "/graphql", methods: ["GET", "POST"], handler: graphqlRoute(services) },
    { url: "/.well-known/jwks.json", methods: ["GET", "HEAD"], handler: jwks(services) },
    { url: "/healthz", methods: ["GET", "HEAD"], handler: healthRoute },
    { url: "/readyz", methods: ["GET", "HEAD"], handler: readinessRoute(services.readiness) },
    ...dialectRoutes(services),
    ...serviceRoutes(services).map((route) => ({ ...route, forServices: true })),
  ];
}

/** The public keys (RFC 7517). */
const jwks = ({ keys }: HttpServices) => documentRoute("application/jwk-set+json", () => keys.jwksDocument());

/** Adds the routes; a known path answers other methods with 405 and `Allow`, an unknown path with 404. */
export function addRoutes(server: FastifyInstance, services: HttpServices): void {
  const known = knownMethods(server);
  decorateDialectRequests(server);
  const table = routeTable(services);
  for (const route of table.filter(({ body }) => body !== "form")) addRoute(server, route, known);
  void server.register(async (forms) => {
    parseFormBodies(forms);
    for (const route of table.filter(({ body }) => body === "form")) addRoute(forms, route, known);
  });
  server.setNotFoundHandler((_request, reply) => sendError(reply, nothingHere()));
  server.addHook("onRequest", async (request) => {
    if (request.is404) throw nothingHere();
  });
}

function addRoute(server: FastifyInstance, route: Route, known: readonly HTTPMethods[]): void {
  const { url, methods, handler, printError, admit, body, bodyLimit, variesBy } = route;
  const { aboutAnother = false, forServices = false } = route;
  const config = { aboutAnother, forServices, ...(printError ? { printError } : {}) };
  const vary = variesBy === undefined ? [] : [addVary(variesBy)];
  const onRequest = [
    ...vary,
    ...(admit ? [admit] : []),
    // A hook that answers ends the request there.
    ...(body === "ignored" ? [asHook(handler)] : []),
  ];
  const limit = bodyLimit === undefined ? {} : { bodyLimit };
  server.route({ url, method: [...methods], onRequest, handler, config, ...limit });
  const others = known.filter((method) => !methods.includes(method));
  if (others.length === 0) return;
  // Some proxies ask with the method of the request, and take any 2xx for a yes.
  const refuse = aboutAnother ? refuseMethod(methods) : answerOptions([...methods, "OPTIONS"]);
  // Before the body is read: there is no reason to look at it.
  server.route({ url, method: others, onRequest: [...vary, refuse], handler: refuse, config });
}

/** A handler as a hook. Fastify waits for its promise, and a hook that has answered ends the request. */
const asHook = (handler: Route["handler"]) => async (request: FastifyRequest, reply: FastifyReply) =>
  handler(request, reply);

/** Every method that Node parses, for Fastify routes only some by itself. */
function knownMethods(server: FastifyInstance): HTTPMethods[] {
  // CONNECT never becomes a request.
  for (const method of METHODS) {
    if (method !== "CONNECT" && !server.supportedMethods.includes(method)) server.addHttpMethod(method);
  }
  return server.supportedMethods;
}

/** Adds to what CORS may have written. */
function addVary(name: string) {
  return async (_request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const before = reply.getHeader("vary");
    reply.header("vary", before === undefined ? name : `${String(before)}, ${name}`);
  };
}

/** Says to OPTIONS which methods a path knows, and refuses every other. */
function answerOptions(allowed: readonly string[]) {
  const refuse = refuseMethod(allowed);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    if (request.method !== "OPTIONS") return refuse(request, reply);
    return reply.header("allow", allowed.join(", ")).code(204).send();
  };
}

function refuseMethod(allowed: readonly string[]) {
  return async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    reply.header("allow", allowed.join(", "));
    return sendError(reply, badRequest("This path does not know this method.", 405));
  };
}

function nothingHere(): LatchkeyError {
  return new LatchkeyError("NOT_FOUND", { message: "There is nothing at this path." });
}
