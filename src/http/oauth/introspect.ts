import { introspectToken, type TokenIntrospection } from "../../credentials/introspect-token.js";
import type { Route } from "../route.js";
import type { HttpServices } from "../services.js";
import { printOauthError } from "./oauth-error.js";
import { readTokenParameter } from "./read-token-parameter.js";
import { requireClient } from "./require-client.js";

/** `POST /introspect` (RFC 7662): a client asks what a token may be used for. */
export function introspectRoute(services: TokenIntrospection & Pick<HttpServices, "clients">): Route {
  return {
    url: "/introspect",
    methods: ["POST"],
    body: "form",
    printError: printOauthError,
    admit: async (request) => {
      await requireClient(services.clients, request);
    },
    handler: async (request, reply) => {
      const answer = await introspectToken(services, readTokenParameter(request));
      return reply.type("application/json; charset=utf-8").send(JSON.stringify(answer));
    },
  };
}
