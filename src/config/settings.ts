import type { z } from "zod";
import { databaseUrl, redisUrl } from "./service-urls.js";
import { dialectPrefixes, dialects } from "./dialect-schemas.js";
import { addressBlocks, host, issuer, origins } from "./network-schemas.js";
import { failureLimits, rateLimits } from "./throttle-schemas.js";
import {
  secrets,
  choice,
  commaList,
  duration,
  durationOrNever,
  textTo,
  trueOrFalse,
  wholeNumber,
  type SettingSchema,
} from "./setting-schemas.js";

/** One variable: what validates it and what documents it. */
export interface Setting {
  readonly schema: SettingSchema<unknown>;
  /** Read like a given value when the variable is unset or empty. Null: there is none, see `whenUnset`. */
  readonly default: string | null;
  /** For the documentation, where the default is null. */
  readonly whenUnset?: string;
  readonly description: string;
  /** True: `NAME_FILE` may name a file that holds the value. */
  readonly secret: boolean;
}

const audience = textTo("1 to 200 visible ASCII characters without a comma", (text) =>
  /^[!-~]{1,200}$/.test(text) ? text : undefined,
);

/** Every variable that is read. The order is that of the documentation. */
export const SETTINGS = {
  PORT: {
    schema: wholeNumber(0, 65_535),
    default: "4000",
    description: "Port to listen on. 0 lets the system choose one.",
    secret: false,
  },
  HOST: {
    schema: host,
    default: "127.0.0.1",
    description: "Address to listen on. A container sets `0.0.0.0`.",
    secret: false,
  },
  KEEP_ALIVE_TIMEOUT: {
    schema: duration("1s", "2h"),
    default: "125s",
    description:
      "How long a connection may stay idle between two requests. It must be longer than the proxy or load balancer in front keeps idle connections (docs/operations.md).",
    secret: false,
  },
  DATABASE_URL: {
    schema: databaseUrl,
    default: "sqlite:./data/latchkey.sqlite",
    description:
      "The database. A relative SQLite path starts at the working directory. A server URL may name several hosts " +
      "(`h1:3306,h2`), which are tried in order, and may end in `?tls=true`; without it the connection is not encrypted.",
    secret: true,
  },
  REDIS_URL: {
    schema: redisUrl,
    default: null,
    whenUnset: "none",
    description:
      "A Redis that nodes nudge each other through when something has ended, so that services which follow it learn of it sooner. " +
      "Nothing rests on it (docs/operations.md). With `rediss:` the connection is encrypted.",
    secret: true,
  },
  LATCHKEY_SECRET: {
    schema: secrets,
    default: null,
    whenUnset: "made beside a SQLite file; required otherwise",
    description: "Encrypts the signing keys and peppers the passwords. Earlier secrets may follow the first.",
    secret: true,
  },
  ISSUER: {
    schema: issuer,
    default: null,
    whenUnset: "`http://localhost:PORT`",
    description:
      "The URL clients know this service by: `iss` of every token. With https, cookies are `Secure`.",
    secret: false,
  },
  NODE_ENV: {
    schema: choice("production", "development", "test"),
    default: "production",
    description: "What the process is run for.",
    secret: false,
  },
  EXPLORER: {
    schema: choice("auto", "on", "off"),
    default: "auto",
    description:
      "Whether the schema can be asked for (introspection), as GraphQL explorers do. `auto` is on when `HOST` is a loopback address or `NODE_ENV` is `development`.",
    secret: false,
  },
  FEDERATION_DIRECTIVES: {
    schema: choice("on", "off"),
    default: "on",
    description:
      "Whether the subgraph schema tells routers by `@authenticated` and `@requiresScopes` what they may refuse early. `off` for `@apollo/gateway`, which takes neither, and for routers that verify no tokens themselves.",
    secret: false,
  },
  USERNAME_VISIBILITY: {
    schema: choice("private", "members", "public"),
    default: "members",
    description:
      "Who may read the username of an account by its id, as supergraphs do for an author's name: its owner, whoever is signed in, or everybody. One that is an e-mail address or a telephone number is shown to its owner only.",
    secret: false,
  },
  ALLOWED_ORIGINS: {
    schema: origins,
    default: null,
    whenUnset: "none",
    description:
      "Origins of web pages that may call with credentials, such as `https://app.example.com`. Neither `*` nor `null` is taken.",
    secret: false,
  },
  TRUSTED_PROXIES: {
    schema: addressBlocks,
    default: null,
    whenUnset: "none",
    description: "Proxies whose `X-Forwarded-For` is believed, such as `10.0.0.0/8`.",
    secret: false,
  },
  LOG_LEVEL: {
    schema: choice("trace", "debug", "info", "warn", "error", "silent"),
    default: "info",
    description: "The least severe level that is logged.",
    secret: false,
  },
  USER_TOKEN_LIFETIME: {
    schema: durationOrNever("1m", "10y"),
    default: "30d",
    description: "How long a user token is valid.",
    secret: false,
  },
  USER_TOKEN_LIMIT: {
    schema: wholeNumber(1, 10_000),
    default: "100",
    description:
      "Live tokens one user may have. A login beyond it ends the login token that was used longest ago.",
    secret: false,
  },
  ROTATION_GRACE: {
    schema: duration("0s", "5m"),
    default: "10s",
    description: "How long a rotated token is still accepted, so that two tabs do not log each other out.",
    secret: false,
  },
  ROTATION_REUSE: {
    schema: choice("refuse", "revoke"),
    default: "refuse",
    description:
      "What the use of a rotated token after the grace does: refuse it, or also revoke the token it became, as stolen.",
    secret: false,
  },
  TOKEN_RETENTION: {
    schema: duration("1h", "10y"),
    default: "30d",
    description: "How long revoked and expired tokens are kept for audit.",
    secret: false,
  },
  PRIVILEGE_AUDIENCES: {
    schema: commaList(audience, 64, "audiences"),
    default: "supergraph",
    description:
      "Audiences a privilege token can be made for; the first is the default one. None may be the issuer.",
    secret: false,
  },
  DIALECTS: {
    schema: dialects,
    default: "ctoregistry,usertoken-bearer,webitel,userid-jwt,usertoken-xauth",
    description: "REST dialects that are served beside GraphQL (docs/rest.md); the paths of others are 404.",
    secret: false,
  },
  DIALECT_PREFIXES: {
    schema: dialectPrefixes,
    default: null,
    whenUnset: "none",
    description: "Paths that dialects are served under instead of the root, such as `webitel=/webitel`.",
    secret: false,
  },
  CONCEAL_UNKNOWN_USERS: {
    schema: trueOrFalse,
    default: "false",
    description:
      "Whether the webitel dialect answers a login of an unknown user like one with a wrong password: with 401 instead of its documented 404.",
    secret: false,
  },
  SESSION_REQUIRE_TOKEN: {
    schema: trueOrFalse,
    default: "false",
    description:
      "Whether a session cookie alone is refused: a browser must then present its token too, which also counts against forged requests.",
    secret: false,
  },
  SESSION_SAME_SITE: {
    schema: choice("lax", "strict", "none"),
    default: "lax",
    description:
      "`SameSite` of the session cookie. With `lax` and `strict` a page of another site gets no session; with `none` one of `ALLOWED_ORIGINS` does (docs/graphql.md). `none` needs an https `ISSUER` and `ALLOWED_ORIGINS`.",
    secret: false,
  },
  COPROCESSOR: {
    schema: choice("off", "on", "strict"),
    default: "off",
    description:
      "Whether `/coprocessor` answers the Apollo Router and the Hive Router. A request with a bad credential goes on as nobody's; with `strict` it is refused.",
    secret: false,
  },
  THROTTLE: {
    schema: choice("on", "off"),
    default: "on",
    description: "Whether logins, registrations and forged credentials are limited (docs/operations.md).",
    secret: false,
  },
  THROTTLE_ACCOUNT_FAILURES: {
    schema: failureLimits,
    default: "5/1m,100/1d",
    description:
      "After how many failed logins of one account in a row a delay begins, which doubles from a second to the time beside it; and after how many they stop, and for how long.",
    secret: false,
  },
  THROTTLE_SOURCE_FAILURES: {
    schema: rateLimits,
    default: "30/1m",
    description: "Failed logins from one source address: an IPv4 address or an IPv6 /64.",
    secret: false,
  },
  THROTTLE_REGISTRATIONS: {
    schema: rateLimits,
    default: "5/1m,60/1h",
    description: "Accounts that one source address may register.",
    secret: false,
  },
  THROTTLE_REGISTRATION_FAILURES: {
    schema: rateLimits,
    default: "20/1m,120/1h",
    description:
      "Registrations from one source address that are refused for a weak password or a taken name.",
    secret: false,
  },
  THROTTLE_FORGERIES: {
    schema: rateLimits,
    default: "300/1m",
    description:
      "Forged or meaningless credentials that one source address may present at `/verify`, `/revoke` and `/coprocessor` of one node.",
    secret: false,
  },
  SIGNING_ALGORITHM: {
    schema: choice("ES256", "RS256"),
    default: "ES256",
    description:
      "Algorithm of new signing keys. A changed one is taken up when a node starts, which publishes the next key.",
    secret: false,
  },
  KEY_ROTATION: {
    schema: durationOrNever("1d", "10y"),
    default: "90d",
    description:
      "How long a signing key signs before the next one is published, which signs 15 minutes later; `never` leaves it to `latchkey keys rotate`.",
    secret: false,
  },
  PASSWORD_HASH: {
    schema: choice("bcrypt", "argon2id"),
    default: "bcrypt",
    description: "Scheme of new password hashes. Others are read, and renewed at the next login.",
    secret: false,
  },
  BCRYPT_COST: {
    schema: wholeNumber(10, 15),
    default: "10",
    description: "Cost of bcrypt: each step up doubles the time of a login, and that of a guess.",
    secret: false,
  },
  PASSWORD_MIN_LENGTH: {
    schema: wholeNumber(8, 64),
    default: "8",
    description: "Characters a new password must have.",
    secret: false,
  },
  PASSWORD_WORKERS: {
    schema: wholeNumber(1, 64),
    default: null,
    whenUnset: "by CPU and memory, 1 to 8",
    description:
      "The most threads that hash passwords. Unless it is set: one for each processor, within the CPU quota and the memory of the container (docs/operations.md).",
    secret: false,
  },
  PASSWORD_QUEUE: {
    schema: wholeNumber(1, 10_000),
    default: "64",
    description: "Logins that may wait for such a thread; one more is asked to come back later.",
    secret: false,
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;

type ValueOf<S extends Setting> = z.output<S["schema"]> | (S["default"] extends string ? never : undefined);

/** What all settings amount to, each typed by its schema. Undefined only where there is no default. */
export type SettingValues = { [Name in SettingName]: ValueOf<(typeof SETTINGS)[Name]> };

/** All settings with their names, in order. */
export function listSettings(): [SettingName, Setting][] {
  return Object.entries(SETTINGS) as [SettingName, Setting][];
}

/** The variable that names the file of a secret. */
export function fileVariable(name: string): string {
  return `${name}_FILE`;
}
