import proxyaddr from "@fastify/proxy-addr";

/** Whether an address is one of the proxies whose `X-Forwarded-For` is believed; `hop` counts them from here. */
export type ProxyTrust = (address: string, hop: number) => boolean;

/** Trusts these addresses and blocks, and nobody else. An IPv4 address in IPv6's form is the same one. */
export function createProxyTrust(blocks: readonly string[]): ProxyTrust {
  return blocks.length === 0 ? () => false : proxyaddr.compile([...blocks]);
}
