import type { DialectName } from "./dialect-schemas.js";

/** The whole configuration: read once at start, frozen, passed to what needs it. Times are milliseconds. */
export interface Config {
  environment: "production" | "development" | "test";
  server: ServerConfig;
  database: DatabaseConfig;
  /** What nodes nudge each other through; null: they look by themselves only. */
  redis: RedisConfig | null;
  /** First signs and encrypts; the others are earlier ones. Null: an embedded database makes its own. */
  secrets: readonly string[] | null;
  /** `iss` of every token, and the audience of user tokens. No trailing slash. */
  issuer: string;
  /** True when the issuer is https: cookies get Secure and the `__Host-` prefix. */
  secureCookies: boolean;
  /** Origins that may call with credentials from a browser (CORS and CSRF). */
  allowedOrigins: readonly string[];
  /** Introspection and explorer; `EXPLORER=auto` is already resolved. */
  explorer: boolean;
  federation: FederationConfig;
  tokens: TokenConfig;
  privilege: PrivilegeConfig;
  passwords: PasswordConfig;
  dialects: DialectConfig;
  /** Null: nothing is throttled. */
  throttle: ThrottleConfig | null;
  /** A session cookie is no credential without the token beside it. */
  sessionRequiresToken: boolean;
  /** `SameSite` of the session cookie. `none` only with https and listed origins. */
  sessionSameSite: "lax" | "strict" | "none";
  /** The door for GraphQL routers; strict: bad credentials are refused there. */
  coprocessor: "off" | "on" | "strict";
  /** Of new signing keys. */
  signingAlgorithm: SigningAlgorithm;
  /** How long a key signs before the next one is made; null: until it is rotated by hand. */
  keyRotationMs: number | null;
  logLevel: "trace" | "debug" | "info" | "warn" | "error" | "silent";
}

export type SigningAlgorithm = "ES256" | "RS256";

export interface ServerConfig {
  host: string;
  /** 0 lets the system choose (tests). */
  port: number;
  /** How long a connection may stay idle between two requests. */
  keepAliveMs: number;
  /** Addresses or CIDR blocks whose X-Forwarded-For is believed. */
  trustedProxies: readonly string[];
}

export type DatabaseConfig = SqliteConfig | MysqlConfig;

export interface SqliteConfig {
  kind: "sqlite";
  /** Absolute path of the file. */
  path: string;
}

export interface MysqlConfig {
  kind: "mysql";
  /** Tried in order; the next one takes over when one cannot be reached. */
  hosts: readonly { host: string; port: number }[];
  user: string;
  password: string;
  database: string;
  tls: boolean;
}

export interface RedisConfig {
  host: string;
  port: number;
  /** Null: Redis' own default user. */
  user: string | null;
  /** Null: none is presented. */
  password: string | null;
  /** Number of the database that the connection selects. */
  database: number;
  tls: boolean;
}

export interface FederationConfig {
  /** Whether the SDL tells routers what needs a credential. */
  directives: boolean;
  /** Who may read the username of an account by its id. */
  usernames: "private" | "members" | "public";
}

export interface TokenConfig {
  /** Null: tokens never expire by themselves. */
  lifetimeMs: number | null;
  maxLivePerUser: number;
  /** How long the previous version's JWT is still accepted after a rotation. */
  rotationGraceMs: number;
  /** What reuse of a rotated JWT after the grace does: refuse it, or revoke the token as stolen. */
  rotationReuse: "refuse" | "revoke";
  /** How long revoked and expired rows are kept for audit. */
  retentionMs: number;
}

export interface PrivilegeConfig {
  /** First is the default. None equals the issuer. */
  audiences: readonly [string, ...string[]];
  lifetimeMs: number;
}

export interface DialectConfig {
  enabled: readonly DialectName[];
  /** Where a dialect is served, when not at the root. */
  prefixes: Readonly<Partial<Record<DialectName, string>>>;
  /** An unknown user is answered like a wrong password where a dialect's document says otherwise. */
  concealUnknownUsers: boolean;
}

export interface PasswordConfig {
  scheme: "bcrypt" | "argon2id";
  bcryptCost: number;
  /** Characters (code points). */
  minLength: number;
  /** The most worker threads that hash. */
  workers: number;
  /** Hashes that may wait for a worker. */
  queueLimit: number;
}

/** How often what may be tried. */
export interface ThrottleConfig {
  account: BackoffConfig;
  /** For each source address: logins that fail. */
  source: readonly RateLimit[];
  /** For each source address: accounts made. */
  registrations: readonly RateLimit[];
  /** For each source address: registrations that are refused for a weak password or a taken name. */
  registrationFailures: readonly RateLimit[];
  /** For each source address, on each node: forged credentials at the machine doors. */
  forgeries: readonly RateLimit[];
}

/** For logins of one account that fail in a row. */
export interface BackoffConfig {
  /** Failures before the first delay. */
  free: number;
  longestDelayMs: number;
  /** Failures before a stop; at least `free`. */
  most: number;
  stopMs: number;
}

export interface RateLimit {
  most: number;
  periodMs: number;
}
