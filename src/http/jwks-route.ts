import type { FastifyReply, FastifyRequest } from "fastify";

export interface JwksSource {
  jwksDocument(): { body: string; etag: string };
}

/** Seconds a verifier may keep the set; a key is published for longer before it first signs. */
const MAX_AGE = 300;

/** The public keys (RFC 7517), with what lets caches and pollers spare the transfer. */
export function jwksRoute(keys: JwksSource) {
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { body, etag } = keys.jwksDocument();
    reply.header("etag", etag).header("cache-control", `public, max-age=${MAX_AGE}, must-revalidate`);
    // Anybody may verify: browsers of other origins too, without credentials.
    reply.header("access-control-allow-origin", "*").header("cross-origin-resource-policy", "cross-origin");
    reply.removeHeader("access-control-allow-credentials");
    if (isKnown(request.headers["if-none-match"], etag)) return reply.code(304).send();
    return reply.type("application/jwk-set+json").send(body);
  };
}

/** If-None-Match compares weakly and may list several (RFC 9110 section 13.1.2). */
function isKnown(header: string | undefined, etag: string): boolean {
  const known = (header ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return known.includes(etag) || known.includes("*");
}
