import type { FastifyReply, FastifyRequest } from "fastify";
import { JWKS_MAX_AGE_MS } from "../../config/timing.js";

/** A public document as it goes out, with a strong entity tag. */
export interface PublicDocument {
  body: string;
  etag: string;
}

/** Seconds for which a cache may keep a document. */
const MAX_AGE = JWKS_MAX_AGE_MS / 1_000;

/** Serves a document that anybody may read, with what lets caches and pollers spare the transfer. */
export function documentRoute(type: string, current: () => PublicDocument) {
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { body, etag } = current();
    reply.header("etag", etag).header("cache-control", `public, max-age=${MAX_AGE}, must-revalidate`);
    // Anybody may verify: browsers of other origins too, without credentials.
    reply.header("access-control-allow-origin", "*").header("cross-origin-resource-policy", "cross-origin");
    reply.removeHeader("access-control-allow-credentials");
    if (isKnown(request.headers["if-none-match"], etag)) return reply.code(304).send();
    return reply.type(type).send(body);
  };
}

/** If-None-Match compares weakly and may list several (RFC 9110 section 13.1.2). */
function isKnown(header: string | undefined, etag: string): boolean {
  const known = (header ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return known.includes(etag) || known.includes("*");
}
