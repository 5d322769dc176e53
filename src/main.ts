import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { createGateway, openCore } from "./app.js";
import type { Core, Gateway } from "./app.js";
import type { Config } from "./config/config.js";
import { ensureEmbeddedSecret } from "./config/embedded-secret.js";

/** Milliseconds that requests under way get to finish once the process is told to stop. */
const DRAIN_MS = 10_000;

/** Milliseconds that a start under way gets. */
const START_GRACE_MS = 2_000;

/** Where a running gateway is, and what its start made. */
export interface Started {
  /** `http://host:port`, as it listens. */
  url: string;
  /** The file of a secret that this start made. */
  secretFile: string | null;
  migrated: string[];
}

/**
 * Runs the gateway until it is told to stop: SIGTERM and SIGINT drain it.
 *
 * @returns once it listens.
 * @throws what opening the database and listening throw.
 */
export async function serve(config: Config, log: Logger): Promise<Started> {
  stopOnSignals(async () => {
    // A start gets a moment to finish what it does to the database; whatever it leaves, the next one completes.
    const running = await Promise.race([starting, sleep(START_GRACE_MS)]);
    await running?.gateway.close();
  }, log);
  log.info("starting");
  const starting = start(config, log);
  return (await starting).started;
}

async function start(config: Config, log: Logger): Promise<{ gateway: Gateway; started: Started }> {
  const { core, secretFile } = await openConfiguredCore(config, log);
  const gateway = await createGateway(core, config, log).catch(async (error: unknown) => {
    await core.close();
    throw error;
  });
  const url = await listen(gateway, config.server).catch(async (error: unknown) => {
    await gateway.close();
    throw error;
  });
  return { gateway, started: { url, secretFile, migrated: core.migrated } };
}

async function listen({ server }: Gateway, { host, port }: Config["server"]): Promise<string> {
  await server.listen({ host, port, listenTextResolver: (address) => `listening at ${address}` });
  const { port: bound } = server.server.address() as AddressInfo;
  return `http://${host.includes(":") ? `[${host}]` : host}:${bound}`;
}

/** Opens the core with the configured secrets, or with the embedded database's own. */
export async function openConfiguredCore(
  config: Config,
  log: Logger,
): Promise<{ core: Core; secretFile: string | null }> {
  if (config.secrets) return { core: await openCore(config, config.secrets, log), secretFile: null };
  if (config.database.kind !== "sqlite") throw new Error("only an embedded database makes its own secret");
  const { secret, createdAt } = ensureEmbeddedSecret(config.database.path);
  return { core: await openCore(config, [secret], log), secretFile: createdAt };
}

/** The first signal drains; a second one, or the end of the grace, ends the process at once. */
function stopOnSignals(close: () => Promise<void>, log: Logger): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) {
      log.warn({ signal }, "stopping at once");
      process.exit(1);
    }
    stopping = true;
    log.info({ signal }, "draining");
    setTimeout(() => {
      log.error("the drain took too long");
      process.exit(1);
    }, DRAIN_MS).unref();
    close().then(
      () => {
        log.info("stopped");
        process.exit(0);
      },
      (error: unknown) => {
        log.error({ err: error }, "the stop failed");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}
