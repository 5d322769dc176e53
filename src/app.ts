import type { IncomingHttpHeaders } from "node:http";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { Audit } from "./audit/audit.js";
import type { AuthenticateClientDeps } from "./clients/authenticate-client.js";
import type { Config } from "./config/config.js";
import { FEED_MARGIN_MS, SETTLED_AFTER_MS } from "./config/timing.js";
import type { Core } from "./core.js";
import { mayKeepSession } from "./credentials/may-keep-session.js";
import { createAttemptSources, uncounted, type AttemptSourceAt } from "./credentials/attempt-source.js";
import { unavailable } from "./errors/latchkey-error.js";
import { buildGraphqlSchema } from "./graphql/build-schema.js";
import { createApollo } from "./graphql/create-apollo.js";
import { createProxyTrust, type ProxyTrust } from "./http/server/proxy-trust.js";
import type { CallerDeps } from "./http/read-caller.js";
import { createServer } from "./http/server/server.js";
import { sessionCookieFormat } from "./http/session-cookie.js";
import type { TrustRouteDeps } from "./http/service-endpoints.js";
import { startKeyMaintenance } from "./keys/key-maintenance.js";
import { monotonicClock, systemClock } from "./lib/clock.js";
import { sweepPeriodically, type Sweep } from "./lib/run-periodically.js";
import { createInvalidTokenLimit } from "./limits/invalid-token-limit.js";
import { createTokenCheck } from "./tokens/check-token.js";
import { startSequencing } from "./revocation/start-sequencing.js";
import type { PresentedToken } from "./tokens/assert-token-usable.js";
import type { JwtVerifier } from "./tokens/jwt/verify-jwt.js";
import { revokeReusedToken } from "./tokens/revoke-token.js";
import type { TokenRecord } from "./tokens/token-store.js";
import { createUsageRecorder } from "./tokens/usage-recorder.js";

/** How often a node looks whether its clock was set. */
const CLOCK_LOOK_MS = 1_000;

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
    cookies: sessionCookieFormat(secure, config.sessionSameSite),
    ...originPolicy(config),
  };
  const { keepAliveMs } = config.server;
  const options = { log, trustsProxy, allowedOrigins, secure, keepAliveMs };
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
  const stopMaintenance = startMaintenance(core, config, log);
  core.notifier.start(core.feed.announce);
  const close = async () => {
    readiness.drain();
    // First of all, and not waited for: streams would keep the server from closing.
    const followersEnded = core.feed.close();
    // Each step even if one before it fails: what was used is written, the database closed.
    const ends = [
      () => server.close(),
      () => apollo.stop(),
      stopMaintenance,
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

/** What pages of other origins may do. */
function originPolicy({ issuer, allowedOrigins: listed, sessionSameSite: sameSite }: Config) {
  const ownOrigin = new URL(issuer).origin;
  const allowedOrigins = new Set([ownOrigin, ...listed]);
  const policy = { sameSite, ownOrigin, allowedOrigins };
  return {
    allowedOrigins,
    mayKeepSession: (headers: IncomingHttpHeaders) => mayKeepSession(headers, policy),
  };
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
function startMaintenance(core: Core, config: Config, log: Logger): () => Promise<void> {
  const { keys, keyChanges, tokenStore, throttleStore, feedStore, steadyClock, watchPresence } = core;
  const { retentionMs } = config.tokens;
  const { keyRotationMs: rotationMs } = config;
  const sweep = (what: string, keptForMs: number, rows: Sweep["sweep"]) =>
    sweepPeriodically({ what, retentionMs: keptForMs, sweep: rows, clock: systemClock, log });
  const clockLooks = setInterval(steadyClock.look, CLOCK_LOOK_MS).unref();
  const stops = [
    sweep("ended tokens", retentionMs, tokenStore.sweep),
    sweep("throttle counters", 0, throttleStore.sweep),
    sweep("feed entries", FEED_MARGIN_MS, feedStore.sweep),
    sweep("superseded feed entries", SETTLED_AFTER_MS, feedStore.tidy),
    startSequencing(feedStore, log),
    watchPresence(),
    startKeyMaintenance({ ...keyChanges, keys, log, rotationMs, retentionMs }),
  ];
  return async () => {
    clearInterval(clockLooks);
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
  const sourceAt = createSourceAt(config, tokens.audit, verifier);
  return {
    introspect: { clients, introspection: { ...callers.authentication, issuer } },
    revocations: { clients, feed },
    revoke: { verifier, check, tokens, sourceAt },
    verify: { callers, sourceAt, issuePrivilege, audiences },
    coprocessor:
      config.coprocessor === "off"
        ? null
        : { callers, sourceAt, trustsProxy, issuePrivilege, strict: config.coprocessor === "strict" },
    discovery: { issuer, audiences, keys },
  };
}

function createSourceAt({ throttle }: Config, audit: Audit, verifier: JwtVerifier): AttemptSourceAt {
  if (!throttle) return uncounted;
  const onLimited = (ip: string) => audit({ event: "invalid_token.throttled", ip });
  const limit = createInvalidTokenLimit({ clock: monotonicClock, onLimited }, throttle.forgeries);
  return createAttemptSources(limit, verifier.knows);
}

function authenticationDeps(
  { keys, features, tokenStore, verifier }: Core,
  config: Config,
  used: (key: string) => void,
) {
  return {
    verifier,
    audience: config.privilege.audiences[0],
    check: createTokenCheck(tokenStore, keys),
    clock: features.tokens.clock,
    used,
    sessionRequiresToken: config.sessionRequiresToken,
    revokeReused:
      config.tokens.rotationReuse === "refuse"
        ? null
        : (presented: PresentedToken, record: TokenRecord) =>
            revokeReusedToken(features.tokens, presented, record),
  };
}
