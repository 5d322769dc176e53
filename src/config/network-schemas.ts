import { isIPv4, isIPv6 } from "node:net";
import { isHost, isLoopbackUrlHost } from "./service-urls.js";
import { commaList, textTo } from "./setting-schemas.js";

const MAX_URL_LENGTH = 512;
const LOOPBACK_NAMES = "localhost, 127.0.0.1 and [::1]";

/** The address to listen on. */
export const host = textTo("an IP address or a host name, without brackets or a port", (text) =>
  isHost(text) ? text : undefined,
);

/**
 * `iss` of every token, without a trailing slash. Verifiers compare it as text
 * (RFC 7519 §4.1.1), so only the spelling that every URL library prints is
 * taken: a quiet correction here would differ from what was written down there.
 */
export const issuer = textTo(
  "an absolute URL without query, fragment, user or default port, its scheme and host in lower case; " +
    `https, or http for ${LOOPBACK_NAMES}`,
  (text) => {
    const url = parseTrustedUrl(text);
    const bare = withoutTrailingSlashes(text);
    return url && withoutTrailingSlashes(url.origin + url.pathname) === bare ? bare : undefined;
  },
);

/** Origins exactly as a browser sends them (RFC 6454 §6.2): `*` and `null` are not among them. */
export const origins = commaList(
  textTo(
    "an origin as a browser sends it: scheme, host and port if it is not the default one, nothing after it; " +
      `https, or http for ${LOOPBACK_NAMES}`,
    (text) => (parseTrustedUrl(text)?.origin === text ? text : undefined),
  ),
  64,
  "origins",
);

/** Addresses and blocks. A block of length 0 would believe everybody, and is refused. */
export const addressBlocks = commaList(
  textTo("an IP address or a CIDR block (address/length, length at least 1)", (text) =>
    isAddressBlock(text) ? text : undefined,
  ),
  64,
  "IP addresses or CIDR blocks",
);

function parseTrustedUrl(text: string): URL | undefined {
  if (text.length > MAX_URL_LENGTH || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const { protocol, hostname } = url;
  const trusted = protocol === "https:" || (protocol === "http:" && isLoopbackUrlHost(hostname));
  // A URL's host may be "*.example.com": no host, but it looks like a pattern, and none is ever matched here.
  return trusted && isHost(hostname.replace(/^\[|\]$/g, "")) ? url : undefined;
}

function withoutTrailingSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === "/") end -= 1;
  return text.slice(0, end);
}

function isAddressBlock(text: string): boolean {
  const [address = "", length, ...rest] = text.split("/");
  if (rest.length > 0 || address.includes("%")) return false;
  const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : 0;
  if (length === undefined) return bits > 0;
  return /^[1-9]\d{0,2}$/.test(length) && Number(length) <= bits;
}
