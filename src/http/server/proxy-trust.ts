import proxyaddr from "@fastify/proxy-addr";

/** Whether an address is one of the proxies whose `X-Forwarded-For` is believed; `hop` counts them from here. */
export type ProxyTrust = (address: string, hop: number) => boolean;

/** Trusts only these addresses and blocks. An IPv4 address in IPv6 form is the same address. */
export function createProxyTrust(blocks: readonly string[]): ProxyTrust {
  return blocks.length === 0 ? () => false : proxyaddr.compile([...blocks]);
}
