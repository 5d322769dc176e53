import type { FastifyRequest } from "fastify";
import { authenticateClient, type AuthenticateClientDeps } from "../../clients/authenticate-client.js";
import type { Client } from "../../entities/client.js";
import { badRequest } from "../../errors/latchkey-error.js";

/**
 * The client that sent a request.
 *
 * @throws UNAUTHENTICATED; BAD_REQUEST for two Authorization headers, of which Node would show the first alone;
 * SERVICE_UNAVAILABLE when its row cannot be read.
 */
export async function requireClient(deps: AuthenticateClientDeps, request: FastifyRequest): Promise<Client> {
  const { rawHeaders } = request.raw;
  const names = rawHeaders.filter((_, index) => index % 2 === 0);
  if (names.filter((name) => name.toLowerCase() === "authorization").length > 1) {
    throw badRequest("The Authorization header was sent more than once.");
  }
  return authenticateClient(deps, request.headers.authorization);
}
