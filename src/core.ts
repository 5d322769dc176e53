import type { Logger } from "pino";
import { createAudit } from "./audit/audit.js";
import type { ClientDeps } from "./clients/client-deps.js";
import type { Config } from "./config/config.js";
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
import { watchPresence } from "./db/watch-presence.js";
import type { Features } from "./graphql/build-schema.js";
import { ensureSigningKey } from "./keys/ensure-signing-key.js";
import type { KeyDeps } from "./keys/key-deps.js";
import { createKeyedDigest } from "./keys/keyed-digest.js";
import { createKeyRing, type KeyRing } from "./keys/key-ring.js";
import { deriveSecrets, type Secrets } from "./keys/secrets.js";
import { monotonicClock, systemClock } from "./lib/clock.js";
import { coalesce } from "./lib/coalesce.js";
import { createSteadyClock, type SteadyClock } from "./lib/steady-clock.js";
import { createThrottle, unthrottled } from "./limits/throttle.js";
import type { ThrottleStore } from "./limits/throttle-store.js";
import { channelName } from "./notifications/channel-name.js";
import { noNotifier, type RevocationNotifier } from "./notifications/revocation-notifier.js";
import { checkPasswordForm, checkPasswordStrength } from "./passwords/check-password.js";
import { createPasswordHasher, type PasswordHasher } from "./passwords/password-hasher.js";
import type { FeedStore } from "./revocation/feed-store.js";
import type { SignBatch } from "./revocation/read-batch.js";
import { createRevocationFeed, type RevocationFeed } from "./revocation/revocation-feed.js";
import { createPrivilegeIssuer } from "./tokens/issue-privilege.js";
import { signRevocationBatch } from "./tokens/jwt/sign-jwt.js";
import { createIssuedAheadReport } from "./tokens/jwt/tell-issued-ahead.js";
import { createJwtVerifier, type JwtVerifier } from "./tokens/jwt/verify-jwt.js";
import { createTokenSigner } from "./tokens/token-signer.js";
import type { TokenStore } from "./tokens/token-store.js";

/** How long a call may wait for a thread that hashes. */
const HASH_WAIT_MS = 2_000;
/**
 * How long verifiers may go on using a key set that they have fetched: those that keep it longest do so for
 * ten minutes, caches before them for five.
 */
const PUBLISH_AHEAD_MS = 15 * 60_000;

/**
 * For what must not create a database, before anything is opened or made.
 *
 * @throws NOT_FOUND when there is no embedded database where the configuration says.
 */
export const requireCreated = ({ database }: Config): Promise<void> => requireSchemaFile(database);

/** What every command stands on: the database with its schema up to date, the keys, and the features over them. */
export interface Core {
  database: Database;
  keys: KeyRing;
  /** What changes the stored keys; every node's ring follows. */
  keyChanges: KeyDeps;
  passwords: PasswordHasher;
  features: Features;
  tokenStore: TokenStore;
  /** What notices that this machine's clock was set; whoever runs for long has it look. */
  steadyClock: SteadyClock;
  /** Of user tokens, and of privilege tokens of every listed audience. */
  verifier: JwtVerifier;
  clients: ClientDeps;
  throttleStore: ThrottleStore;
  feedStore: FeedStore;
  feed: RevocationFeed;
  /** Not started: only a gateway takes part. */
  notifier: RevocationNotifier;
  /** Tells the log when the files of an embedded database are gone; the answer stops it. */
  watchPresence: () => () => Promise<void>;
  /** The migrations that this start ran. */
  migrated: string[];
  close(): Promise<void>;
}

/**
 * Opens the database, migrates it, loads the keys and builds the features.
 *
 * @param secrets the current secret first.
 * @throws SERVICE_UNAVAILABLE when the database cannot be reached; NOT_FOUND when its tables are not there and must
 * not be created: an embedded database is asked for them before, by `requireCreated`.
 */
export async function openCore(
  config: Config,
  secrets: readonly string[],
  log: Logger,
  { mayCreate }: { mayCreate: boolean },
): Promise<Core> {
  const derived = deriveSecrets(secrets);
  const database = await openDatabase(config.database);
  try {
    if (!mayCreate) await requireServerSchema(database, config.database);
    const keyChanges = keyDeps(database, derived, config, log);
    const migrated = await migrate(database, async () => {
      await ensureSigningKey(keyChanges);
    });
    const keys = createKeyRing({ ...keyChanges, log });
    await keys.load();
    const feedStore = createRevocationStore(database);
    const feed = createFeed(feedStore, keys, config, log);
    const notifier = await createNotifier(config, derived, log);
    const announce = () => {
      feed.announce();
      notifier.send();
    };
    const tokenStore = createTokenStore(database, announce);
    const throttleStore = createThrottleStore(database);
    const passwords = hasherOf(config, derived);
    const verification = createVerification(config, keys, log);
    const stores = { tokenStore, throttleStore };
    const parts = { config, log, database, ...stores, announce, keys, passwords, secrets: derived };
    const features = buildFeatures(parts);
    const close = async () => {
      notifier.close();
      await feed.close();
      await passwords.close();
      await database.close();
    };
    const served = {
      feedStore,
      feed,
      notifier,
      clients: clientDeps(database, derived, log),
      watchPresence: () => watchPresence(database, log),
    };
    return {
      database,
      keys,
      keyChanges,
      passwords,
      features,
      ...stores,
      ...verification,
      ...served,
      migrated,
      close,
    };
  } catch (error) {
    await database.close();
    throw database.explain(error);
  }
}

function hasherOf({ passwords }: Config, { keysFor }: Secrets): PasswordHasher {
  return createPasswordHasher({ ...passwords, waitLimitMs: HASH_WAIT_MS, peppers: keysFor("pepper") });
}

/** Verifies tokens by a clock that tells when it is set, and by how much: everything that has an end depends on it. */
function createVerification(
  { issuer, privilege: { audiences } }: Config,
  keys: KeyRing,
  log: Logger,
): Pick<Core, "steadyClock" | "verifier"> {
  const steadyClock = createSteadyClock((stepMs) => {
    log.warn({ stepMs }, `the clock of this machine was set ${stepMs < 0 ? "back" : "forward"}`);
  });
  const verifier = createJwtVerifier({
    keys,
    issuer,
    audiences,
    clock: systemClock,
    issuedBy: steadyClock.now,
    onIssuedAhead: createIssuedAheadReport(log, monotonicClock),
  });
  return { steadyClock, verifier };
}

function keyDeps(database: Database, secrets: Secrets, config: Config, log: Logger): KeyDeps {
  return {
    store: createSigningKeyStore(database),
    secrets,
    algorithm: config.signingAlgorithm,
    clock: systemClock,
    audit: createAudit(log),
    exclusively: (work) => withLease(database, "keys", work),
    publishAheadMs: PUBLISH_AHEAD_MS,
  };
}

function createFeed(store: FeedStore, keys: KeyRing, { issuer }: Config, log: Logger): RevocationFeed {
  const sign: SignBatch = (content) =>
    signRevocationBatch(keys.current(), { ...content, issuer, issuedAt: systemClock() });
  return createRevocationFeed({ store, sign, log });
}

/** Loads what speaks to Redis only where there is one to speak to. */
async function createNotifier(
  { redis, issuer }: Config,
  { current }: Secrets,
  log: Logger,
): Promise<RevocationNotifier> {
  if (!redis) return noNotifier;
  const { createRedisNotifier } = await import("./notifications/redis-notifier.js");
  return createRedisNotifier({ redis, channel: channelName(current.channelKey, issuer), log });
}

interface FeatureParts {
  config: Config;
  log: Logger;
  database: Database;
  tokenStore: TokenStore;
  throttleStore: ThrottleStore;
  announce: () => void;
  keys: KeyRing;
  passwords: PasswordHasher;
  secrets: Secrets;
}

function buildFeatures({
  config,
  log,
  database,
  tokenStore,
  throttleStore,
  announce,
  keys,
  passwords,
  secrets,
}: FeatureParts): Features {
  const { issuer, tokens: limits, privilege } = config;
  const clock = systemClock;
  const shared = {
    sign: createTokenSigner({ keys, issuer, clock }),
    clock,
    audit: createAudit(log),
    limits,
    fingerprints: createKeyedDigest(secrets.keysFor("fingerprintKey")),
  };
  const { minLength } = config.passwords;
  const throttling = { store: throttleStore, clock, key: secrets.current.throttleKey };
  return {
    accounts: {
      ...shared,
      limits: { ...limits, privilegeLifetimeMs: privilege.lifetimeMs },
      store: createAccountStore(database, announce),
      throttle: config.throttle ? createThrottle(throttling, config.throttle) : unthrottled,
      passwords: {
        hash: (password) => passwords.hash(password),
        verify: (password, stored) => passwords.verify(password, stored),
        checkForm: (password) => checkPasswordForm(password, minLength),
        checkStrength: (password, userInputs) => checkPasswordStrength(passwords, password, userInputs),
      },
    },
    tokens: { ...shared, store: tokenStore },
    issuePrivilege: createPrivilegeIssuer({
      keys,
      issuer,
      clock,
      audiences: privilege.audiences,
      lifetimeMs: privilege.lifetimeMs,
    }),
  };
}

function clientDeps(database: Database, secrets: Secrets, log: Logger): ClientDeps {
  const store = createClientStore(database);
  return {
    store,
    lookup: coalesce((ids) => store.find(ids)),
    secrets: createKeyedDigest(secrets.keysFor("clientSecretKey")),
    clock: systemClock,
    audit: createAudit(log),
    log,
  };
}
