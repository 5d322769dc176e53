import { resolve } from "node:path";
import { findUnknownNames } from "./check-names.js";
import { ConfigError, type ConfigFault } from "./config-error.js";
import type { Config, DatabaseConfig } from "./config.js";
import { defaultWorkers, readMachine, type Machine } from "./default-workers.js";
import { readInstalledDefaults, type InstalledDefaults } from "./installed-defaults.js";
import { readSecretFile } from "./read-secret-file.js";
import { readSettings, type Environment, type Reading } from "./read-settings.js";
import { isLoopback, type DatabaseUrl } from "./service-urls.js";
import { HOW_TO_MAKE_A_SECRET } from "./setting-schemas.js";
import type { SettingValues } from "./settings.js";

/** Freezes a tree of plain objects and arrays, and returns it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}

/** Not a setting: verifiers that follow no feed rely on it. */
const PRIVILEGE_LIFETIME_MS = 5 * 60_000;

export interface LoadDeps {
  /** Reads a secret file; throws when it cannot. */
  readFile: (path: string) => string;
  readMachine: () => Machine;
  readDefaults: () => InstalledDefaults;
}

const REAL: LoadDeps = { readFile: readSecretFile, readMachine, readDefaults: readInstalledDefaults };

/**
 * Reads and validates the whole configuration, once. Touches nothing but the
 * files that `*_FILE` variables name, and `defaults.json`; relative paths start at `cwd`.
 *
 * @returns the configuration, deeply frozen.
 * @throws ConfigError with every fault at once; no value is repeated in it.
 */
export function loadConfig(
  env: Environment = process.env,
  cwd: string = process.cwd(),
  deps: Partial<LoadDeps> = {},
): Config {
  const { readFile, readMachine: machine, readDefaults } = { ...REAL, ...deps };
  const reading = readSettings({ env, cwd, readFile, defaults: readDefaults() });
  const faults = [...reading.faults, ...findContradictions(reading), ...findUnknownNames(env)];
  if (faults.length > 0) throw new ConfigError(faults);
  return deepFreeze(assemble(reading.values as SettingValues, cwd, machine));
}

/** Faults that only two settings together can have. A setting with a fault of its own is not asked again. */
function findContradictions({ values, texts, faults }: Reading): ConfigFault[] {
  const found: ConfigFault[] = [];
  const secretTried = values.LATCHKEY_SECRET ?? faults.find(({ name }) => name.startsWith("LATCHKEY_SECRET"));
  if (!secretTried && values.DATABASE_URL?.kind === "mysql") {
    const message = `must be set unless DATABASE_URL is sqlite:; ${HOW_TO_MAKE_A_SECRET}`;
    found.push({ name: "LATCHKEY_SECRET", message });
  }
  const issuer = texts.ISSUER === undefined ? defaultIssuer(values.PORT) : values.ISSUER;
  if (
    issuer !== undefined &&
    values.PRIVILEGE_AUDIENCES?.some((name) => name.replace(/\/$/, "") === issuer)
  ) {
    // It would be an audience of user tokens: the two kinds must never be taken for each other.
    found.push({ name: "PRIVILEGE_AUDIENCES", message: "must not hold the issuer (ISSUER)" });
  }
  if (values.SESSION_SAME_SITE === "none") {
    const unmet = [
      // Browsers drop a cookie with SameSite=None that is not Secure.
      ...(issuer?.startsWith("http:") ? ["ISSUER is https"] : []),
      ...(texts.ALLOWED_ORIGINS === undefined ? ["ALLOWED_ORIGINS lists the pages of other sites"] : []),
    ];
    const message = `must not be none unless ${unmet.join(" and ")}`;
    if (unmet.length > 0) found.push({ name: "SESSION_SAME_SITE", message });
  }
  return found;
}

/** `http://localhost:PORT`, in the spelling that ISSUER itself must have: 80 is left out. */
function defaultIssuer(port = 0): string {
  return new URL(`http://localhost:${port}`).origin;
}

function assemble(values: SettingValues, cwd: string, machine: () => Machine): Config {
  const issuer = values.ISSUER ?? defaultIssuer(values.PORT);
  return {
    environment: values.NODE_ENV,
    server: {
      host: values.HOST,
      port: values.PORT,
      keepAliveMs: values.KEEP_ALIVE_TIMEOUT,
      trustedProxies: values.TRUSTED_PROXIES ?? [],
    },
    database: databaseOf(values.DATABASE_URL, cwd),
    redis: values.REDIS_URL ?? null,
    secrets: values.LATCHKEY_SECRET ?? null,
    issuer,
    secureCookies: issuer.startsWith("https:"),
    allowedOrigins: values.ALLOWED_ORIGINS ?? [],
    explorer: isExplorerOn(values),
    federation: { directives: values.FEDERATION_DIRECTIVES === "on", usernames: values.USERNAME_VISIBILITY },
    tokens: {
      lifetimeMs: values.USER_TOKEN_LIFETIME,
      maxLivePerUser: values.USER_TOKEN_LIMIT,
      rotationGraceMs: values.ROTATION_GRACE,
      rotationReuse: values.ROTATION_REUSE,
      retentionMs: values.TOKEN_RETENTION,
    },
    privilege: { audiences: values.PRIVILEGE_AUDIENCES, lifetimeMs: PRIVILEGE_LIFETIME_MS },
    passwords: {
      scheme: values.PASSWORD_HASH,
      bcryptCost: values.BCRYPT_COST,
      minLength: values.PASSWORD_MIN_LENGTH,
      workers: values.PASSWORD_WORKERS ?? defaultWorkers(machine()),
      queueLimit: values.PASSWORD_QUEUE,
    },
    dialects: {
      enabled: values.DIALECTS,
      prefixes: values.DIALECT_PREFIXES ?? {},
      concealUnknownUsers: values.CONCEAL_UNKNOWN_USERS,
    },
    throttle:
      values.THROTTLE === "off"
        ? null
        : {
            account: values.THROTTLE_ACCOUNT_FAILURES,
            source: values.THROTTLE_SOURCE_FAILURES,
            registrations: values.THROTTLE_REGISTRATIONS,
            registrationFailures: values.THROTTLE_REGISTRATION_FAILURES,
            forgeries: values.THROTTLE_FORGERIES,
          },
    sessionRequiresToken: values.SESSION_REQUIRE_TOKEN,
    sessionSameSite: values.SESSION_SAME_SITE,
    coprocessor: values.COPROCESSOR,
    signingAlgorithm: values.SIGNING_ALGORITHM,
    keyRotationMs: values.KEY_ROTATION,
    logLevel: values.LOG_LEVEL,
  };
}

function databaseOf(url: DatabaseUrl, cwd: string): DatabaseConfig {
  return url.kind === "sqlite" ? { kind: "sqlite", path: resolve(cwd, url.path) } : url;
}

function isExplorerOn({ EXPLORER, HOST, NODE_ENV }: SettingValues): boolean {
  return EXPLORER === "on" || (EXPLORER === "auto" && (isLoopback(HOST) || NODE_ENV === "development"));
}
