import type { FastifyInstance } from "fastify";
import type { Core } from "./core.js";
import { sessionPolicyOf } from "./credentials/may-keep-session.js";
import { unavailable } from "./errors/latchkey-error.js";
import { buildGraphqlSchema } from "./graphql/build-schema.js";
import { createApollo } from "./graphql/create-apollo.js";
import { createProxyTrust } from "./http/server/proxy-trust.js";
import { createServer } from "./http/server/server.js";
import { sessionCookieFormat } from "./credentials/session-cookie.js";
import { monotonicClock, systemClock } from "./lib/clock.js";
import { createInvalidTokenLimit, type InvalidTokenLimit } from "./limits/invalid-token-limit.js";
import { createUsageRecorder } from "./tokens/usage-recorder.js";

/** A gateway that can be told to listen, and to stop. */
export interface Gateway {
  server: FastifyInstance;
  /** Answers 503 at `/readyz`, finishes the requests under way, writes what is not yet written, closes everything. */
  close(): Promise<void>;
}

/** Builds the HTTP side over a core. Nothing listens yet. */
export async function createGateway(core: Core): Promise<Gateway> {
  const { config, log, tokens, clients } = core;
  const tokenUsage = createUsageRecorder({ store: tokens.store, clock: systemClock, log });
  const clientUsage = createUsageRecorder({ store: clients.store, clock: systemClock, log });
  const introspection = config.explorer;
  const schema = buildGraphqlSchema(core, { introspection, federation: config.federation });
  const apollo = createApollo(schema, { introspection });
  const readiness = createReadiness(core);
  const server = await createServer({
    ...core,
    apollo,
    clients: { ...clients, used: clientUsage.used },
    cookies: sessionCookieFormat(config.secureCookies, config.sessionSameSite),
    invalidTokenLimit: createLimit(core),
    readiness,
    sessionPolicy: sessionPolicyOf(config),
    trustsProxy: createProxyTrust(config.server.trustedProxies),
    used: tokenUsage.used,
  });
  await apollo.start();
  await core.passwords.ready();
  const stopMaintenance = core.startMaintenance();
  core.notifier.start(core.feed.announce);
  const close = async () => {
    readiness.drain();
    // First, and not awaited here: open streams would keep the server from closing.
    const followersEnded = core.feed.close();
    // Each step runs even if an earlier one failed, so that what was used is written and the database is closed.
    const steps: [part: string, end: () => Promise<void>][] = [
      ["HTTP server", () => server.close()],
      ["GraphQL server", () => apollo.stop()],
      ["maintenance", stopMaintenance],
      ["usage of tokens", tokenUsage.close],
      ["usage of clients", clientUsage.close],
      ["revocation feed", () => followersEnded],
      ["core", core.close],
    ];
    for (const [part, end] of steps) {
      await end().catch((error: unknown) => {
        log.error({ err: error, part }, "a part did not stop cleanly");
      });
    }
  };
  return { server, close };
}

function createReadiness({ keys, database }: Pick<Core, "keys" | "database">) {
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

function createLimit({ config: { throttle }, tokens }: Core): InvalidTokenLimit | null {
  if (!throttle) return null;
  const onLimited = (ip: string) => tokens.audit({ event: "invalid_token.throttled", ip });
  return createInvalidTokenLimit({ clock: monotonicClock, onLimited }, throttle.forgeries);
}
