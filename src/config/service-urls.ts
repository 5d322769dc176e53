import { BlockList, isIP } from "node:net";
import { z } from "zod";
import type { MysqlConfig, RedisConfig } from "./config.js";
import type { SettingSchema } from "./setting-schemas.js";

/** Is told what is wrong with a URL, without a word of the URL itself. */
export type RefuseUrl = (message: string) => void;

export interface HostAndPort {
  host: string;
  port: number;
}

/** Decodes a percent-encoded part of a URL that may hold a password: refused, it is named and not repeated. */
export function decodePart(part: string, text: string, max: number, refuse: RefuseUrl): string {
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

/** What DATABASE_URL says; a SQLite path is still as it was written. */
export type DatabaseUrl = { kind: "sqlite"; path: string } | MysqlConfig;

const MYSQL_PORT = 3306;
const MAX_HOSTS = 16;
const SERVER_FORM = "mysql://user:password@host:3306/database";
const DATABASE_URL_FORMS = `sqlite:./path, sqlite:/absolute/path or ${SERVER_FORM} (mariadb:// is the same)`;

const SERVER_URL =
  /^(?:mysql|mariadb):\/\/(?:(?<login>[^@/?#]*)@)?(?<hosts>[^@/?#]*)(?:\/(?<database>[^/?#]*))?(?<query>\?[^#]*)?$/;

/** DATABASE_URL. Every part that is wrong is named, and none is repeated: a password may stand anywhere in it. */
export const databaseUrl: SettingSchema<DatabaseUrl> = z
  .string()
  .transform((text, context) => {
    const refuse: RefuseUrl = (message) => context.addIssue(message);
    if (text.startsWith("sqlite:")) return readSqlite(text.slice("sqlite:".length), refuse);
    const parts = SERVER_URL.exec(text)?.groups;
    if (parts) return readServer(parts, refuse);
    refuse(`must be ${DATABASE_URL_FORMS}; in user, password and database @ / ? # are percent-encoded`);
    return z.NEVER;
  })
  .describe(DATABASE_URL_FORMS);

function readSqlite(path: string, refuse: RefuseUrl): DatabaseUrl {
  if (path.includes(":memory:")) {
    refuse("must name a file: a database in memory forgets every account and revocation at a restart");
  } else if (path.startsWith("//")) {
    refuse("must be sqlite:./path or sqlite:/absolute/path, without //");
  } else if (/[?#]/.test(path)) {
    refuse("must hold no ? or #: a SQLite file takes no options");
  } else if (path === "" || path !== path.trim() || /(?:^|\/)\.{0,2}$/.test(path) || path.length > 1024) {
    refuse("must name a file after sqlite:, in at most 1024 characters");
  }
  return { kind: "sqlite", path };
}

function readServer(parts: Record<string, string | undefined>, refuse: RefuseUrl): DatabaseUrl {
  const [user = "", ...password] = (parts.login ?? "").split(":");
  if (user === "") refuse(`must name a user: ${SERVER_FORM}`);
  if (!parts.database) refuse(`must name a database: ${SERVER_FORM}`);
  return {
    kind: "mysql",
    hosts: readHosts(parts.hosts ?? "", refuse),
    user: decodePart("user", user, 128, refuse),
    password: decodePart("password", password.join(":"), 1024, refuse),
    database: decodePart("database", parts.database ?? "", 64, refuse),
    tls: readTls(parts.query, refuse),
  };
}

function readHosts(text: string, refuse: RefuseUrl): HostAndPort[] {
  const hosts = text.split(",", MAX_HOSTS + 1).map((host) => readHost(host, MYSQL_PORT));
  const known = hosts.filter((host) => host !== undefined);
  if (hosts.length > MAX_HOSTS) refuse(`must name at most ${MAX_HOSTS} hosts`);
  if (known.length < hosts.length) {
    refuse("must name each host as host, host:port or [IPv6]:port, separated by commas; port 1 to 65535");
  }
  if (new Set(known.map(({ host, port }) => `${host} ${port}`)).size < known.length) {
    refuse("must not name a host twice");
  }
  return known;
}

function readTls(query: string | undefined, refuse: RefuseUrl): boolean {
  const known = query === undefined || query === "?tls=true" || query === "?tls=false";
  if (!known) refuse("must have no option other than one of ?tls=true and ?tls=false");
  return query === "?tls=true";
}

const REDIS_PORT = 6379;
const MAX_DATABASE = 65_535;
const REDIS_URL_FORMS =
  "redis://host:6379, or rediss:// for TLS; before the host :password@ or user:password@, after it /number of a database";

const REDIS_URL =
  /^redis(?<tls>s?):\/\/(?:(?<login>[^@/?#]*)@)?(?<host>[^@/?#]*)(?:\/(?<database>[^/?#]*))?$/;

/** REDIS_URL. Every part that is wrong is named, and none is repeated: a password may stand anywhere in it. */
export const redisUrl: SettingSchema<RedisConfig> = z
  .string()
  .transform((text, context) => {
    const parts = REDIS_URL.exec(text)?.groups;
    if (parts) return readParts(parts, (message) => context.addIssue(message));
    context.addIssue(
      `must be ${REDIS_URL_FORMS}; no options; in user and password @ / ? # are percent-encoded`,
    );
    return z.NEVER;
  })
  .describe(REDIS_URL_FORMS);

function readParts(parts: Record<string, string | undefined>, refuse: RefuseUrl): RedisConfig {
  const address = readHost(parts.host ?? "", REDIS_PORT);
  if (!address) refuse("must name one host as host, host:port or [IPv6]:port; port 1 to 65535");
  return {
    host: address?.host ?? "",
    port: address?.port ?? REDIS_PORT,
    ...readUrlLogin(parts.login, refuse),
    database: readDatabase(parts.database, refuse),
    tls: parts.tls === "s",
  };
}

function readUrlLogin(login: string | undefined, refuse: RefuseUrl): Pick<RedisConfig, "user" | "password"> {
  if (login === undefined) return { user: null, password: null };
  const [user = "", ...rest] = login.split(":");
  const password = rest.join(":");
  // A user alone would be nobody: Redis lets none in without a password.
  if (password === "") refuse("must have a password before @: :password@ or user:password@");
  return {
    user: user === "" ? null : decodePart("user", user, 128, refuse),
    password: decodePart("password", password, 1024, refuse),
  };
}

function readDatabase(text: string | undefined, refuse: RefuseUrl): number {
  if (text === undefined || text === "") return 0;
  const known = /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= MAX_DATABASE;
  if (!known) refuse(`must name a database by its number, 0 to ${MAX_DATABASE}`);
  return known ? Number(text) : 0;
}
