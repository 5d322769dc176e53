import cors from "@fastify/cors";
import type { FastifyInstance, FastifyRequest } from "fastify";

/**
 * What every answer tells browsers: it is data, not a page (OWASP HTTP Headers
 * cheat sheet). A fixed table: a plugin that puts these together anew for
 * every answer showed in the profile of a request.
 *
 * @param secure the issuer is https: browsers are told to stay there (RFC 6797).
 */
export function securityHeaders(secure: boolean): Record<string, string> {
  return {
    // Answers speak of one caller: no cache may keep them. The key set says otherwise for itself.
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    // For browsers that do not know frame-ancestors.
    "x-frame-options": "DENY",
    ...(secure ? { "strict-transport-security": "max-age=31536000; includeSubDomains" } : {}),
  };
}

/** Adds these headers to every answer, and CORS for the configured origins. */
export async function addHeaders(
  server: FastifyInstance,
  allowedOrigins: readonly string[],
  headers: Record<string, string>,
): Promise<void> {
  if (allowedOrigins.length > 0) await server.register(cors, { delegator: corsFor(new Set(allowedOrigins)) });
  server.addHook("onRequest", async (_request, reply) => {
    reply.headers(headers);
  });
}

/** Lets pages of these origins call with credentials; pages of any other learn nothing, not even that. */
function corsFor(allowed: ReadonlySet<string>) {
  return async ({ headers, routeOptions }: FastifyRequest) => ({
    origin: headers.origin !== undefined && allowed.has(headers.origin),
    credentials: true,
    methods: ["GET", "HEAD", "POST", "PUT"],
    maxAge: 600,
    exposedHeaders: "Retry-After",
    // An OPTIONS request that asks for nothing is no preflight: its route answers it.
    preflight:
      headers["access-control-request-method"] !== undefined && routeOptions.config.aboutAnother !== true,
  });
}
