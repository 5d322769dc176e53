import { BlockList, isIP } from "node:net";

/** Whether an address is one of the proxies whose `X-Forwarded-For` is believed. */
export type ProxyTrust = (address: string | undefined) => boolean;

/** IPv4 addresses in IPv6's form. */
const MAPPED = new BlockList();
MAPPED.addSubnet("::ffff:0:0", 96, "ipv6");

/**
 * Trusts these addresses and blocks, and nobody else. An IPv4 address in IPv6's form is the same one; a block of IPv6 holds no
 * IPv4 address but in that form, however wide it is.
 */
export function createProxyTrust(blocks: readonly string[]): ProxyTrust {
  const [v4, v6] = [new BlockList(), new BlockList()];
  for (const block of blocks) {
    const [address = "", length] = block.split("/");
    const family = familyOf(address);
    const bits = Number(length ?? (family === "ipv4" ? 32 : 128));
    const holdsV4 = family === "ipv4" || (bits >= 96 && MAPPED.check(address, "ipv6"));
    (holdsV4 ? v4 : v6).addSubnet(address, bits, family);
  }
  return (address = "") => {
    if (isIP(address) === 0) return false;
    const family = familyOf(address);
    return (family === "ipv4" || MAPPED.check(address, family) ? v4 : v6).check(address, family);
  };
}

const familyOf = (address: string) => (isIP(address) === 6 ? "ipv6" : "ipv4");
