import { BlockList, isIP } from "node:net";

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;
/** Resolvers read a name that ends so as an old spelling of an IPv4 address: 127.1 and 0x7f.1 are 127.0.0.1. */
const NUMERIC_LABEL = /^(?:\d+|0x[\da-f]*)$/i;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** Whether the text is an IP address (no brackets, no zone) or a host name. Underscores are allowed: containers have them. */
export function isHost(text: string): boolean {
  if (text.length > 253 || text.includes("%")) return false;
  if (isIP(text) > 0) return true;
  const labels = text.split(".");
  return labels.every((label) => LABEL.test(label)) && !NUMERIC_LABEL.test(labels.at(-1) ?? "");
}

/** Whether a host as `isHost` accepts it can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host.toLowerCase() === "localhost";
  return LOOPBACK.check(host, family === 4 ? "ipv4" : "ipv6");
}

/** Whether the `hostname` of a URL is one of the three for which plain http is accepted. */
export function isLoopbackUrlHost(hostname: string): boolean {
  return hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";
}
