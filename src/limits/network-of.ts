import { isIPv4, isIPv6 } from "node:net";

/** Some proxies add the port. */
const WITH_PORT = /^(?:\[([^\]]+)\]|([0-9.]+)):\d+$/;

/**
 * Whom an address belongs to: the whole of an IPv4 address, the first 64 bits of an IPv6 one, for whoever has
 * one has the 2^64 beside it (RFC 6177). An IPv4 address in IPv6's form is the same one. All that is no address
 * is one network, so that nonsense sidesteps nothing.
 */
export function networkOf(ip: string | null): string {
  const [, v6, v4] = WITH_PORT.exec(ip ?? "") ?? [];
  const address = (v6 ?? v4 ?? ip ?? "").replace(/%.*$/, "");
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return "unknown";
  const groups = groupsOf(address);
  const [high = 0, low = 0] = groups.slice(6);
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (mapped) return [high >> 8, high & 255, low >> 8, low & 255].join(".");
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(":")}::/64`;
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  // A URL's host is in RFC 5952's form: no dotted decimals, and at most one gap.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = [], tail = []] = canonical.split("::").map((part) => part.split(":").filter(Boolean));
  const gap = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  return [...head, ...gap, ...tail].map((group) => parseInt(group, 16));
}
