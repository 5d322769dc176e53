import { z } from "zod";
import type { RedisConfig } from "./config.js";
import type { SettingSchema } from "./setting-schemas.js";
import { decodePart, readHost, type Refuse } from "./url-parts.js";

const DEFAULT_PORT = 6379;
const MAX_DATABASE = 65_535;
const ACCEPTS =
  "redis://host:6379, or rediss:// for TLS; before the host :password@ or user:password@, after it /number of a database";

const REDIS_URL =
  /^redis(?<tls>s?):\/\/(?:(?<login>[^@/?#]*)@)?(?<host>[^@/?#]*)(?:\/(?<database>[^/?#]*))?$/;

/** REDIS_URL. Every part that is wrong is named, and none is repeated: a password may stand anywhere in it. */
export const redisUrl: SettingSchema<RedisConfig> = z
  .string()
  .transform((text, context) => {
    const parts = REDIS_URL.exec(text)?.groups;
    if (parts) return readParts(parts, (message) => context.addIssue(message));
    context.addIssue(`must be ${ACCEPTS}; no options; in user and password @ / ? # are percent-encoded`);
    return z.NEVER;
  })
  .describe(ACCEPTS);

function readParts(parts: Record<string, string | undefined>, refuse: Refuse): RedisConfig {
  const address = readHost(parts.host ?? "", DEFAULT_PORT);
  if (!address) refuse("must name one host as host, host:port or [IPv6]:port; port 1 to 65535");
  return {
    host: address?.host ?? "",
    port: address?.port ?? DEFAULT_PORT,
    ...readLogin(parts.login, refuse),
    database: readDatabase(parts.database, refuse),
    tls: parts.tls === "s",
  };
}

function readLogin(login: string | undefined, refuse: Refuse): Pick<RedisConfig, "user" | "password"> {
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

function readDatabase(text: string | undefined, refuse: Refuse): number {
  if (text === undefined || text === "") return 0;
  const known = /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= MAX_DATABASE;
  if (!known) refuse(`must name a database by its number, 0 to ${MAX_DATABASE}`);
  return known ? Number(text) : 0;
}
