import type { IncomingMessage } from "node:http";
import proxyaddr from "@fastify/proxy-addr";
import type { ProxyTrust } from "../server/proxy-trust.js";
import { mergedHeadersOf, type RouterHeaders } from "../coprocessor/coprocessor-message.js";

/**
 * The address of the client that a router speaks of: the nearest one that is no trusted proxy, from the router back
 * along the `X-Forwarded-For` that the router got. A router that is not trusted is the client itself.
 */
export function forwardedClient(router: string, headers: RouterHeaders, trustsProxy: ProxyTrust): string {
  // All that is looked at of a request.
  const request = { socket: { remoteAddress: router }, headers: mergedHeadersOf(headers) };
  return proxyaddr(request as IncomingMessage, trustsProxy);
}
