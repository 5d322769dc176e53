import { isIP } from "node:net";

/**
 * What Kubernetes sets in every pod for each Service of its namespace (kubernetes.io, "Services", environment
 * variables): here for one called `latchkey`, or `latchkey-…`.
 */
const HOST = /^LATCHKEY_(?:[A-Z0-9_]+_)?SERVICE_HOST$/;
const PORT = /^LATCHKEY_(?:[A-Z0-9_]+_)?SERVICE_PORT(?:_[A-Z0-9_]+)?$/;
const LINK = /^LATCHKEY_(?:[A-Z0-9_]+_)?PORT(?:_\d+_(?:TCP|UDP|SCTP))?$/;
const LINK_PART = /^LATCHKEY_(?:[A-Z0-9_]+_)?PORT_\d+_(?:TCP|UDP|SCTP)_(PROTO|PORT|ADDR)$/;

const isPort = (value: string) => /^\d{1,5}$/.test(value);
const isUrl = (value: string) => /^(?:tcp|udp|sctp):\/\/\[?[\da-f:.]+\]?:\d{1,5}$/.test(value);

/** Whether a variable is such a link. Its value tells too: a person who writes LATCHKEY_PORT=4000 means PORT. */
export function isServiceLink(name: string, value: string): boolean {
  switch (LINK_PART.exec(name)?.[1]) {
    case "PROTO":
      return /^(?:tcp|udp|sctp)$/.test(value);
    case "PORT":
      return isPort(value);
    case "ADDR":
      return isIP(value) > 0;
    default:
      return isWholeLink(name, value);
  }
}

function isWholeLink(name: string, value: string): boolean {
  if (HOST.test(name)) return isIP(value) > 0;
  if (PORT.test(name)) return isPort(value);
  return LINK.test(name) && isUrl(value);
}
