import type { AuthenticateClientDeps } from "../../clients/authenticate-client.js";
import { introspectToken, type IntrospectDeps } from "../../credentials/introspect-token.js";
import type { Route } from "../route.js";
import { printOauthError } from "./oauth-error.js";
import { readTokenParameter } from "./read-token-parameter.js";
import { requireClient } from "./require-client.js";

export interface IntrospectRouteDeps {
  clients: AuthenticateClientDeps;
  introspection: IntrospectDeps;
}

/** `POST /introspect` (RFC 7662): a client asks what somebody's token is good for. */
export function introspectRoute({ clients, introspection }: IntrospectRouteDeps): Route {
  return {
    url: "/introspect",
    methods: ["POST"],
    body: "form",
    printError: printOauthError,
    admit: async (request) => {
      await requireClient(clients, request);
    },
    handler: async (request, reply) => {
      const answer = await introspectToken(introspection, readTokenParameter(request));
      return reply.type("application/json; charset=utf-8").send(JSON.stringify(answer));
    },
  };
}
