import { revokePresentedToken } from "../../credentials/revoke-presented-token.js";
import type { Route } from "../route.js";
import type { HttpServices } from "../services.js";
import { printOauthError } from "./oauth-error.js";
import { readTokenParameter } from "./read-token-parameter.js";

/** `POST /revoke` (RFC 7009). It needs no client: who presents the token has it. */
export function revokeRoute(
  services: Pick<HttpServices, "verifier" | "check" | "tokens" | "sourceAt">,
): Route {
  return {
    url: "/revoke",
    methods: ["POST"],
    body: "form",
    printError: printOauthError,
    handler: async (request, reply) => {
      const source = services.sourceAt(() => request.ip);
      const result = await revokePresentedToken(services, readTokenParameter(request), source);
      if (result !== "unsupported") return reply.code(200).send();
      const body = JSON.stringify({ error: "unsupported_token_type" });
      return reply.code(400).type("application/json; charset=utf-8").send(body);
    },
  };
}
