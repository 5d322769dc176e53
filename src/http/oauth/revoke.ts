import { limitInvalidTokens, type InvalidTokenLimiting } from "../../credentials/limit-invalid-tokens.js";
import { revokePresentedToken } from "../../credentials/revoke-presented-token.js";
import type { Route } from "../route.js";
import type { HttpServices } from "../services.js";
import { printOauthError } from "./oauth-error.js";
import { readTokenParameter } from "./read-token-parameter.js";

/** `POST /revoke` (RFC 7009). It needs no client: who presents the token has it. */
export function revokeRoute(
  services: InvalidTokenLimiting & Pick<HttpServices, "verifier" | "check" | "tokens">,
): Route {
  return {
    url: "/revoke",
    methods: ["POST"],
    body: "form",
    printError: printOauthError,
    handler: async (request, reply) => {
      const token = readTokenParameter(request);
      const { kind } = await limitInvalidTokens(
        services,
        () => request.ip,
        { kind: "token", token },
        () => revokePresentedToken(services, token),
      );
      if (kind !== "unsupported") return reply.code(200).send();
      const body = JSON.stringify({ error: "unsupported_token_type" });
      return reply.code(400).type("application/json; charset=utf-8").send(body);
    },
  };
}
