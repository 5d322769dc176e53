import { isHost } from "./host-name.js";

/** Is told what is wrong with a URL, without a word of the URL itself. */
export type Refuse = (message: string) => void;

export interface HostAndPort {
  host: string;
  port: number;
}

/** Decodes a percent-encoded part of a URL that may hold a password: refused, it is named and not repeated. */
export function decodePart(part: string, text: string, max: number, refuse: Refuse): string {
  const plain = /^[!-~]*$/.test(text) ? percentDecoded(text) : undefined;
  if (plain === undefined) {
    refuse(`must have a ${part} in which all but visible ASCII, and % itself, is percent-encoded UTF-8`);
  } else if (plain.length > max || /\p{Cc}/u.test(plain)) {
    refuse(`must have a ${part} of at most ${max} characters, none of them a control character`);
  }
  return plain ?? "";
}

function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Reads `host`, `host:port` or `[IPv6]:port`; undefined when it is none of them. */
export function readHost(text: string, defaultPort: number): HostAndPort | undefined {
  const parts = /^(?:\[(?<v6>[^\]]*)\]|(?<name>[^:[\]]*))(?::(?<port>[1-9]\d{0,4}))?$/.exec(text)?.groups;
  if (!parts) return undefined;
  const host = (parts.v6 ?? parts.name ?? "").toLowerCase();
  const port = Number(parts.port ?? defaultPort);
  const bracketed = parts.v6 !== undefined;
  return isHost(host) && host.includes(":") === bracketed && port <= 65_535 ? { host, port } : undefined;
}
