import { existsSync } from "node:fs";
import type { Logger } from "pino";
import type { AccountDeps } from "./accounts/account-store.js";
import { createAudit } from "./audit/audit.js";
import type { ClientDeps } from "./clients/client-store.js";
import type { Config } from "./config/config.js";
import { PUBLISH_AHEAD_MS } from "./config/timing.js";
import { configuredSecrets, wrongSecretError } from "./config/configured-secrets.js";
import { createAccountStore } from "./db/account-store.js";
import { createClientStore } from "./db/client-store.js";
import { openDatabase, type Database } from "./db/database.js";
import { withLease } from "./db/lease.js";
import { migrate } from "./db/migrate.js";
import { requireSchemaFile, requireServerSchema } from "./db/require-schema.js";
import { createRevocationStore } from "./db/revocation-store.js";
import { createSigningKeyStore } from "./db/signing-key-store.js";
import { createThrottleStore } from "./db/throttle-store.js";
import { createTokenStore } from "./db/token-store.js";
import { reportPresence } from "./db/sqlite-files.js";
import { ensureSigningKey, type KeyDeps } from "./keys/key-lifecycle.js";
import { createKeyedDigest, type KeyedDigest } from "./keys/keyed-digest.js";
import { createKeyRing, type KeyRing } from "./keys/key-ring.js";
import { MissingSecretError } from "./keys/envelope.js";
import { deriveSecrets, type Secrets } from "./keys/secrets.js";
import { monotonicClock, systemClock } from "./lib/clock.js";
import { coalesce } from "./lib/coalesce.js";
import { createSteadyClock, type SteadyClock } from "./lib/steady-clock.js";
import { createThrottle, unthrottled } from "./limits/throttle.js";
import { startMaintenance } from "./maintenance.js";
import { channelName, noNotifier, type RevocationNotifier } from "./notifications/revocation-notifier.js";
import { createPasswords, type Passwords } from "./passwords/passwords.js";
import type { FeedStore } from "./revocation/feed-store.js";
import type { SignBatch } from "./revocation/read-batch.js";
import { createRevocationFeed, type RevocationFeed } from "./revocation/revocation-feed.js";
import { createTokenCheck, type TokenCheck } from "./tokens/check-token.js";
import { createPrivilegeIssuer, type IssuePrivilege } from "./tokens/issue-privilege.js";
import { signRevocationBatch } from "./tokens/jwt/sign-jwt.js";
import { createIssuedAheadReport, createJwtVerifier, type JwtVerifier } from "./tokens/jwt/verify-jwt.js";
import type { TokenDeps, TokenStore } from "./tokens/token-store.js";
import { createTokenSigner } from "./tokens/token-signer.js";

/** How long a call may wait for a thread that hashes. */
const HASH_WAIT_MS = 2_000;

/** What exists once the database is open. A function that works with several of them takes a `Pick` of it. */
export interface Services {
  config: Config;
  log: Logger;
  database: Pick<Database, "ping">;
  passwords: Passwords;
  /** The signing keys in memory. */
  keys: KeyRing;
  /** Changes the stored keys; the rings of all nodes follow. */
  keyChanges: KeyDeps;
  accounts: AccountDeps;
  tokens: TokenDeps;
  clients: ClientDeps;
  issuePrivilege: IssuePrivilege;
  /** Verifies user tokens, and privilege tokens of every listed audience. */
  verifier: JwtVerifier;
  /** The row check. */
  check: TokenCheck;
  feed: RevocationFeed;
  /** Not started: only a gateway takes part. */
  notifier: RevocationNotifier;
}

/** The services of one process, which every command works with, and their life. */
export interface Core extends Services {
  /** The migrations that this start ran. */
  migrated: string[];
  /** Starts the periodic jobs of a gateway; the answer stops them. */
  startMaintenance: () => () => Promise<void>;
  close(): Promise<void>;
}

/** The files that opening an embedded database made; null for what was there. */
export interface Created {
  databaseFile: string | null;
  secretFile: string | null;
}

/**
 * Opens the core with the configured secrets, or with the embedded database's own secret.
 *
 * @param mayCreate whether a missing database is created, and its secret with it.
 * @throws ConfigError when the database was made with another secret; NOT_FOUND when there is no database and it must
 * not be created; SERVICE_UNAVAILABLE when the database cannot be reached.
 */
export async function openConfiguredCore(
  config: Config,
  log: Logger,
  { mayCreate }: { mayCreate: boolean },
): Promise<{ core: Core; created: Created }> {
  // Before the secret of an embedded database is created.
  if (!mayCreate) await requireSchemaFile(config.database);
  const file = config.database.kind === "sqlite" ? config.database.path : null;
  const isNew = file !== null && !existsSync(file);
  const { secrets, secretFile } = configuredSecrets(config);
  const core = await openCore(config, deriveSecrets(secrets), log, { mayCreate }).catch((error: unknown) => {
    throw error instanceof MissingSecretError ? wrongSecretError(config, error) : error;
  });
  // When several processes find no file, the one that made the schema has made the database.
  const databaseFile = isNew && core.migrated.length > 0 ? file : null;
  return { core, created: { databaseFile, secretFile } };
}

/** Opens the database, migrates it, loads the keys and builds the services. */
async function openCore(
  config: Config,
  secrets: Secrets,
  log: Logger,
  { mayCreate }: { mayCreate: boolean },
): Promise<Core> {
  const database = await openDatabase(config.database);
  try {
    if (!mayCreate) await requireServerSchema(database, config.database);
    const keyChanges: KeyDeps = {
      store: createSigningKeyStore(database),
      secrets,
      algorithm: config.signingAlgorithm,
      clock: systemClock,
      audit: createAudit(log),
      exclusively: (work) => withLease(database, "keys", work),
      publishAheadMs: PUBLISH_AHEAD_MS,
    };
    const migrated = await migrate(database, async () => {
      await ensureSigningKey(keyChanges);
    });
    const keys = createKeyRing({ ...keyChanges, log });
    await keys.load();
    const notifier = await createNotifier(config, secrets, log);
    return { ...build({ config, secrets, log, database, keyChanges, keys, notifier }), migrated };
  } catch (error) {
    await database.close();
    throw database.explain(error);
  }
}

/** Loads the Redis client only when Redis is configured. */
async function createNotifier(
  { redis, issuer }: Config,
  { current }: Secrets,
  log: Logger,
): Promise<RevocationNotifier> {
  if (!redis) return noNotifier;
  const { createRedisNotifier } = await import("./notifications/redis-notifier.js");
  return createRedisNotifier({ redis, channel: channelName(current.channelKey, issuer), log });
}

/** What `openCore` builds the services on. */
type Opened = Pick<Services, "config" | "log" | "keyChanges" | "keys" | "notifier"> & {
  secrets: Secrets;
  database: Database;
};

function build({ secrets, ...opened }: Opened): Omit<Core, "migrated"> {
  const { config, log, database, keys, notifier } = opened;
  const stores = { feed: createRevocationStore(database), throttle: createThrottleStore(database) };
  const feed = createFeed(opened, stores.feed);
  const announce = () => {
    feed.announce();
    notifier.send();
  };
  const peppers = secrets.keysFor("pepper");
  const passwords = createPasswords({ ...config.passwords, waitLimitMs: HASH_WAIT_MS, peppers });
  const fingerprints = createKeyedDigest(secrets.keysFor("fingerprintKey"));
  const tokens = createTokens(opened, createTokenStore(database, announce), fingerprints);
  const throttling = { store: stores.throttle, clock: systemClock, key: secrets.current.throttleKey };
  const accounts: AccountDeps = {
    ...tokens,
    store: createAccountStore(database, announce),
    limits: { ...config.tokens, privilegeLifetimeMs: config.privilege.lifetimeMs },
    passwords,
    throttle: config.throttle ? createThrottle(throttling, config.throttle) : unthrottled,
  };
  const steadyClock = createReportingClock(log);
  return {
    ...opened,
    passwords,
    accounts,
    tokens,
    clients: createClients(opened, createKeyedDigest(secrets.keysFor("clientSecretKey"))),
    issuePrivilege: createPrivilegeIssuer({
      keys,
      issuer: config.issuer,
      clock: systemClock,
      ...config.privilege,
    }),
    verifier: createVerifier(opened, steadyClock),
    check: createTokenCheck(tokens.store, keys),
    feed,
    startMaintenance: () => {
      const stopWatching = reportPresence(database, log);
      const stopJobs = startMaintenance(opened, { ...stores, tokens: tokens.store }, steadyClock);
      return async () => {
        await Promise.all([stopWatching(), stopJobs()]);
      };
    },
    close: async () => {
      notifier.close();
      await feed.close();
      await passwords.close();
      await database.close();
    },
  };
}

function createFeed(
  { config: { issuer }, keys, log }: Pick<Services, "config" | "keys" | "log">,
  store: FeedStore,
) {
  const sign: SignBatch = (content) =>
    signRevocationBatch(keys.current(), { ...content, issuer, issuedAt: systemClock() });
  return createRevocationFeed({ store, sign, log });
}

function createTokens(
  { config, keys, log }: Pick<Services, "config" | "keys" | "log">,
  store: TokenStore,
  fingerprints: KeyedDigest,
): TokenDeps {
  const clock = systemClock;
  const sign = createTokenSigner({ keys, issuer: config.issuer, clock });
  return { store, sign, clock, audit: createAudit(log), fingerprints, limits: config.tokens };
}

function createClients(
  { database, log }: Pick<Opened, "database" | "log">,
  secrets: KeyedDigest,
): ClientDeps {
  const store = createClientStore(database);
  const lookup = coalesce((ids: readonly string[]) => store.find(ids));
  return { store, lookup, secrets, clock: systemClock, audit: createAudit(log), log };
}

/** Tells the log when the clock of this machine is set. */
function createReportingClock(log: Logger): SteadyClock {
  return createSteadyClock((stepMs) => {
    log.warn({ stepMs }, `the clock of this machine was set ${stepMs < 0 ? "back" : "forward"}`);
  });
}

/** The verifier accepts what was issued before the clock of this machine was set back. */
function createVerifier(
  { config, keys, log }: Pick<Services, "config" | "keys" | "log">,
  steadyClock: SteadyClock,
) {
  return createJwtVerifier({
    keys,
    issuer: config.issuer,
    audiences: config.privilege.audiences,
    clock: systemClock,
    issuedBy: steadyClock.now,
    onIssuedAhead: createIssuedAheadReport(log, monotonicClock),
  });
}
