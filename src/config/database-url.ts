import { z } from "zod";
import type { MysqlConfig } from "./config.js";
import type { SettingSchema } from "./setting-schemas.js";
import { decodePart, readHost, type HostAndPort, type Refuse } from "./url-parts.js";

/** What DATABASE_URL says; a SQLite path is still as it was written. */
export type DatabaseUrl = { kind: "sqlite"; path: string } | MysqlConfig;

const DEFAULT_PORT = 3306;
const MAX_HOSTS = 16;
const SERVER_FORM = "mysql://user:password@host:3306/database";
const ACCEPTS = `sqlite:./path, sqlite:/absolute/path or ${SERVER_FORM} (mariadb:// is the same)`;

const SERVER_URL =
  /^(?:mysql|mariadb):\/\/(?:(?<login>[^@/?#]*)@)?(?<hosts>[^@/?#]*)(?:\/(?<database>[^/?#]*))?(?<query>\?[^#]*)?$/;

/** DATABASE_URL. Every part that is wrong is named, and none is repeated: a password may stand anywhere in it. */
export const databaseUrl: SettingSchema<DatabaseUrl> = z
  .string()
  .transform((text, context) => {
    const refuse: Refuse = (message) => context.addIssue(message);
    if (text.startsWith("sqlite:")) return readSqlite(text.slice("sqlite:".length), refuse);
    const parts = SERVER_URL.exec(text)?.groups;
    if (parts) return readServer(parts, refuse);
    refuse(`must be ${ACCEPTS}; in user, password and database @ / ? # are percent-encoded`);
    return z.NEVER;
  })
  .describe(ACCEPTS);

function readSqlite(path: string, refuse: Refuse): DatabaseUrl {
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

function readServer(parts: Record<string, string | undefined>, refuse: Refuse): DatabaseUrl {
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

function readHosts(text: string, refuse: Refuse): HostAndPort[] {
  const hosts = text.split(",", MAX_HOSTS + 1).map((host) => readHost(host, DEFAULT_PORT));
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

function readTls(query: string | undefined, refuse: Refuse): boolean {
  const known = query === undefined || query === "?tls=true" || query === "?tls=false";
  if (!known) refuse("must have no option other than one of ?tls=true and ?tls=false");
  return query === "?tls=true";
}
