import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { AccountDeps } from "./accounts/account-deps.js";
import { createAudit } from "./audit/audit.js";
import type { Audit } from "./audit/audit.js";
import type { AuthenticateClientDeps } from "./clients/authenticate-client.js";
import type { ClientDeps } from "./clients/client-deps.js";
import type { Config } from "./config/config.js";
import { createPresenters, uncounted } from "./credentials/presenter.js";
import type { PresenterAt } from "./credentials/presenter.js";
import { createAccountStore } from "./db/account-store.js";
import { createClientStore } from "./db/client-store.js";
import { openDatabase } from "./db/database.js";
import type { Database } from "./db/database.js";
import { withLease } from "./db/lease.js";
import { migrate } from "./db/migrate.js";
import { createRevocationStore } from "./db/revocation-store.js";
import { createSigningKeyStore } from "./db/signing-key-store.js";
import { createThrottleStore } from "./db/throttle-store.js";
import { createTokenStore } from "./db/token-store.js";
import { unavailable } from "./errors/latchkey-error.js";
import { buildGraphqlSchema } from "./graphql/build-schema.js";
import type { Features } from "./graphql/build-schema.js";
import { createApollo } from "./graphql/create-apollo.js";
import { createProxyTrust } from "./http/proxy-trust.js";
import type { ProxyTrust } from "./http/proxy-trust.js";
import type { CallerDeps } from "./http/read-caller.js";
import { createServer } from "./http/server.js";
import { sessionCookieFormat } from "./http/session-cookie.js";
import type { TrustRouteDeps } from "./http/trust/routes.js";
import { ensureSigningKey } from "./keys/ensure-signing-key.js";
import type { KeyDeps } from "./keys/key-deps.js";
import { createKeyedDigest } from "./keys/keyed-digest.js";
import { createKeyRing } from "./keys/key-ring.js";
import type { KeyRing, Signer } from "./keys/key-ring.js";
import { startKeyUpkeep } from "./keys/key-upkeep.js";
import { deriveSecrets } from "./keys/secrets.js";
import type { Secrets } from "./keys/secrets.js";
import { monotonicClock, systemClock } from "./lib/clock.js";
import { coalesce } from "./lib/coalesce.js";
import { createForgeryLimit } from "./limits/forgery-limit.js";
import { createThrottle, unthrottled } from "./limits/throttle.js";
import type { ThrottleStore } from "./limits/throttle-store.js";
import { channelName } from "./nudges/channel-name.js";
import { noNudges } from "./nudges/nudges.js";
import type { Nudges } from "./nudges/nudges.js";
import { checkPasswordForm, checkPasswordStrength } from "./passwords/check-password.js";
import { createPasswordHasher } from "./passwords/password-hasher.js";
import type { PasswordHasher } from "./passwords/password-hasher.js";
import type { PresentedToken } from "./tokens/judge-standing.js";
import { createTokenCheck } from "./tokens/check-token.js";
import type { FeedStore } from "./tokens/feed/feed-store.js";
import { createRevocationFeed } from "./tokens/feed/revocation-feed.js";
import type { RevocationFeed } from "./tokens/feed/revocation-feed.js";
import { issuedAfter } from "./tokens/issued-after.js";
import { createPrivilegeIssuer } from "./tokens/issue-privilege.js";
import { SETTLED_AFTER_MS } from "./tokens/feed/superseded.js";
import { rememberJwt } from "./tokens/jwt/remember-jwt.js";
import { signPrivilegeJwt, signRevocationBatch, signUserJwt } from "./tokens/jwt/sign-jwt.js";
import { createJwtVerifier } from "./tokens/jwt/verify-jwt.js";
import type { JwtVerifier } from "./tokens/jwt/verify-jwt.js";
import { startSweeping } from "./tokens/sweep-tokens.js";
import type { TokenStanding, TokenStore } from "./tokens/token-store.js";
import { revokeReusedToken } from "./tokens/revoke-reused-token.js";
import { createUsageRecorder } from "./tokens/usage-recorder.js";

/** How long a call may wait for a thread that hashes. */
const HASH_WAIT_MS = 2_000;
/**
 * How long verifiers may go on using a key set that they have fetched: those that keep it longest do so for
 * ten minutes, caches before them for five.
 */
const PUBLISH_AHEAD_MS = 15 * 60_000;
/** How long an entry of the feed outlives the last JWT it concerns: verifiers' clocks may be behind. */
const FEED_MARGIN_MS = 10 * 60_000;

/** The database with its schema up to date, and the keys: what every command stands on. */
export interface Core {
  database: Database;
  keys: KeyRing;
  /** What changes the stored keys; every node's ring follows. */
  keyChanges: KeyDeps;
  passwords: PasswordHasher;
  features: Features;
  tokenStore: TokenStore;
  /** Of what is presented as a user token, or as a privilege token of the default audience. */
  verifier: JwtVerifier;
  clients: ClientDeps;
  throttleStore: ThrottleStore;
  feedStore: FeedStore;
  feed: RevocationFeed;
  /** Not started: only a gateway takes part. */
  nudges: Nudges;
  /** The migrations that this start ran. */
  migrated: string[];
  close(): Promise<void>;
}

/**
 * Opens the database, migrates it, loads the keys and builds the features.
 *
 * @param secrets the current secret first.
 * @throws SERVICE_UNAVAILABLE when the database cannot be reached.
 */
export async function openCore(config: Config, secrets: readonly string[], log: Logger): Promise<Core> {
  const derived = deriveSecrets(secrets);
  const database = await openDatabase(config.database);
  try {
    const keyChanges: KeyDeps = {
      store: createSigningKeyStore(database),
      secrets: derived,
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
    const feedStore = createRevocationStore(database);
    const feed = openFeed(feedStore, keys, config, log);
    const nudges = await createNudges(config, derived, log);
    const announce = () => {
      feed.announce();
      nudges.send();
    };
    const tokenStore = createTokenStore(database, announce);
    const throttleStore = createThrottleStore(database);
    const passwords = createPasswordHasher({
      ...config.passwords,
      waitLimitMs: HASH_WAIT_MS,
      peppers: [...derived.byId.values()].map(({ id, pepper }) => ({ id, key: pepper })),
    });
    const { issuer, privilege } = config;
    const audiences = [privilege.audiences[0]];
    const verifier = createJwtVerifier({ keys, issuer, audiences, clock: systemClock });
    const stores = { tokenStore, throttleStore, verifier };
    const parts = { config, log, database, ...stores, announce, keys, passwords, secrets: derived };
    const features = buildFeatures(parts);
    const clients = clientDeps(database, derived, log);
    const close = async () => {
      nudges.close();
      await feed.close();
      await passwords.close();
      await database.close();
    };
    const served = { feedStore, feed, nudges, clients };
    return { database, keys, keyChanges, passwords, features, ...stores, ...served, migrated, close };
  } catch (error) {
    await database.close();
    throw error;
  }
}

function openFeed(store: FeedStore, keys: KeyRing, { issuer }: Config, log: Logger): RevocationFeed {
  const sign: Parameters<typeof createRevocationFeed>[0]["sign"] = (content) =>
    signRevocationBatch({ keys, issuer }, { ...content, issuedAt: systemClock() });
  return createRevocationFeed({ store, sign, log });
}

/** Loads what speaks to Redis only where there is one to speak to. */
async function createNudges({ redis, issuer }: Config, { current }: Secrets, log: Logger): Promise<Nudges> {
  if (!redis) return noNudges;
  const { createRedisNudges } = await import("./nudges/redis-nudges.js");
  return createRedisNudges({ redis, channel: channelName(current.channelKey, issuer), log });
}

interface FeatureParts {
  config: Config;
  log: Logger;
  database: Database;
  tokenStore: TokenStore;
  throttleStore: ThrottleStore;
  announce: () => void;
  verifier: JwtVerifier;
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
  verifier,
  keys,
  passwords,
  secrets,
}: FeatureParts): Features {
  const { issuer, tokens: limits, privilege } = config;
  const clock = systemClock;
  const signingWith = (key: Signer) => ({ keys: { current: () => key }, issuer });
  const shared = {
    sign: (async (token, owner) => {
      const expiresAt = token.expirationTime?.getTime() ?? null;
      const key = await keys.currentUntil(expiresAt);
      const { userId: sub, key: sid, version: ver } = token;
      const issuedAt = issuedAfter(clock(), owner.tokensValidFrom);
      const jwt = signUserJwt(signingWith(key), { sub, sid, ver, issuedAt, expiresAt });
      rememberJwt(verifier, jwt);
      return jwt;
    }) satisfies AccountDeps["sign"],
    clock,
    audit: createAudit(log),
    limits,
    fingerprints: createKeyedDigest(
      [...secrets.byId.values()].map(({ id, fingerprintKey: key }) => ({ id, key })),
    ),
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
      sign: (claims) => {
        const key = keys.current();
        return { kid: key.kid, privilege: signPrivilegeJwt(signingWith(key), claims) };
      },
      isKnown: (kid) => keys.publicKey(kid) !== undefined,
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
    secrets: createKeyedDigest(
      [...secrets.byId.values()].map(({ id, clientSecretKey: key }) => ({ id, key })),
    ),
    clock: systemClock,
    audit: createAudit(log),
    log,
  };
}

/** A gateway that can be told to listen, and to stop. */
export interface Gateway {
  server: FastifyInstance;
  /** Says 503 at `/readyz`, finishes the requests under way, writes what is still to be written, closes everything. */
  close(): Promise<void>;
}

/** Builds the HTTP side over a core. Nothing listens yet. */
export async function createGateway(core: Core, config: Config, log: Logger): Promise<Gateway> {
  const { keys, features, passwords } = core;
  const usage = createUsageRecorder({ store: core.tokenStore, clock: systemClock, log });
  const introspection = config.explorer;
  const schema = buildGraphqlSchema(features, { introspection, federation: config.federation });
  const apollo = createApollo(schema, { introspection });
  const { allowedOrigins, secureCookies: secure } = config;
  const trustsProxy = createProxyTrust(config.server.trustedProxies);
  const readiness = createReadiness(core);
  const clientUsage = createUsageRecorder({ store: core.clients.store, clock: systemClock, log });
  const callers = {
    authentication: authenticationDeps(core, config, usage.used),
    cookies: sessionCookieFormat(secure),
    allowedOrigins: new Set([new URL(config.issuer).origin, ...allowedOrigins]),
  };
  const options = { log, trustsProxy, allowedOrigins, secure };
  const dialects = {
    operations: { ...features, concealUnknownUsers: config.dialects.concealUnknownUsers },
    callers,
    config: config.dialects,
    issuer: config.issuer,
  };
  const clients = { ...core.clients, used: clientUsage.used };
  const trust = trustDeps(core, config, { callers, clients, trustsProxy });
  const graphql = { apollo, callers };
  const server = await createServer(options, { graphql, dialects, trust, keys, readiness });
  await apollo.start();
  await passwords.ready();
  const stopUpkeep = startUpkeep(core, config, log);
  core.nudges.start(core.feed.announce);
  const close = async () => {
    readiness.drain();
    // First of all, and not waited for: streams would keep the server from closing.
    const followersEnded = core.feed.close();
    // Each step even if one before it fails: what was used is written, the database closed.
    const ends = [
      () => server.close(),
      () => apollo.stop(),
      stopUpkeep,
      () => usage.close(),
      () => clientUsage.close(),
      () => followersEnded,
      () => core.close(),
    ];
    for (const end of ends) {
      await end().catch((error: unknown) => {
        log.error({ err: error }, "a part did not stop cleanly");
      });
    }
  };
  return { server, close };
}

function createReadiness({ keys, database }: Core) {
  let draining = false;
  return {
    draining: () => draining,
    drain: () => {
      draining = true;
    },
    check: async () => {
      if (!keys.canSign()) throw unavailable("no signing key is active");
      await database.ping();
    },
  };
}

/** What a node does by itself while it runs; the answer stops it. */
function startUpkeep(core: Core, config: Config, log: Logger): () => Promise<void> {
  const { keys, keyChanges, tokenStore, throttleStore, feedStore } = core;
  const { retentionMs } = config.tokens;
  const { keyRotationMs: rotationMs } = config;
  const clock = systemClock;
  const stops = [
    startSweeping({ store: tokenStore, clock, log, retentionMs }),
    startSweeping({ store: throttleStore, clock, log, retentionMs: 0, what: "throttle counters" }),
    startSweeping({ store: feedStore, clock, log, retentionMs: FEED_MARGIN_MS, what: "entries of the feed" }),
    startSweeping({
      store: { sweep: (settled, limit) => feedStore.tidy(settled, limit) },
      clock,
      log,
      retentionMs: SETTLED_AFTER_MS,
      what: "superseded entries of the feed",
    }),
    startKeyUpkeep({ ...keyChanges, keys, log, rotationMs, retentionMs }),
  ];
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}

interface TrustParts {
  callers: CallerDeps;
  clients: AuthenticateClientDeps;
  trustsProxy: ProxyTrust;
}

/** What the machine doors rely on. */
function trustDeps(
  { keys, features, feed }: Core,
  config: Config,
  { callers, clients, trustsProxy }: TrustParts,
): TrustRouteDeps {
  const { issuer } = config;
  const { audiences } = config.privilege;
  const { tokens, issuePrivilege } = features;
  const { check, verifier } = callers.authentication;
  const anyAudience = createJwtVerifier({ keys, issuer, audiences, clock: tokens.clock });
  const presenterAt = createPresenterAt(config, tokens.audit, [verifier, anyAudience]);
  return {
    introspect: { clients, introspection: { ...callers.authentication, issuer, anyAudience } },
    revocations: { clients, feed },
    revoke: { anyAudience, check, tokens, presenterAt },
    verify: { callers, presenterAt, issuePrivilege, audiences },
    coprocessor:
      config.coprocessor === "off"
        ? null
        : { callers, presenterAt, trustsProxy, issuePrivilege, strict: config.coprocessor === "strict" },
    discovery: { issuer, audiences, keys },
  };
}

function createPresenterAt(
  { throttle }: Config,
  audit: Audit,
  verifiers: readonly JwtVerifier[],
): PresenterAt {
  if (!throttle) return uncounted;
  const shut = (ip: string) => audit({ event: "forgery.throttled", ip });
  const limit = createForgeryLimit({ clock: monotonicClock, shut }, throttle.forgeries);
  return createPresenters(limit, (token) => verifiers.some((verifier) => verifier.knows(token)));
}

function authenticationDeps(
  { keys, features, tokenStore, verifier }: Core,
  config: Config,
  used: (key: string) => void,
) {
  return {
    verifier,
    check: createTokenCheck(tokenStore, keys),
    clock: features.tokens.clock,
    used,
    sessionRequiresToken: config.sessionRequiresToken,
    revokeReused:
      config.tokens.rotationReuse === "refuse"
        ? null
        : (presented: PresentedToken, standing: TokenStanding) =>
            revokeReusedToken(features.tokens, presented, standing),
  };
}
