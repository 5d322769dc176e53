import type { ProxyTrust } from "../proxy-trust.js";
import { mergedHeadersOf } from "./coprocessor-message.js";
import type { RouterHeaders } from "./coprocessor-message.js";

/**
 * The address of the client that a router speaks of: the nearest one that is no trusted proxy, from the router back
 * along the `X-Forwarded-For` that the router got. A router that is not trusted is the client itself.
 */
export function forwardedClient(router: string, headers: RouterHeaders, trustsProxy: ProxyTrust): string {
  if (!trustsProxy(router)) return router;
  const forwarded = mergedHeadersOf(headers)["x-forwarded-for"]?.toString() ?? "";
  const hops = forwarded.split(",").map((hop) => hop.trim());
  const back = hops.filter((hop) => hop !== "").reverse();
  return back.find((hop) => !trustsProxy(hop)) ?? back.at(-1) ?? router;
}
