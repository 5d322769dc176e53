import type { IncomingHttpHeaders } from "node:http";

/** Where proxies write the method of the request that they ask about: Traefik and Caddy, nginx. */
const METHOD_HEADERS = ["x-forwarded-method", "x-original-method"];

/**
 * Every method that the request which a proxy asks about is said to have. They should agree: a client may have
 * written the header that its proxy does not set.
 *
 * @param own the method where the proxy asks with the very method of the request (Envoy).
 */
export function toldMethods(headers: IncomingHttpHeaders, own: string | null): string[] {
  const named = METHOD_HEADERS.map((name) => headers[name]).filter((value) => value !== undefined);
  return [...(own === null ? [] : [own]), ...named.map(String)];
}
