import type { AddressInfo } from "node:net";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Gateway } from "./app.js";
import { openConfiguredCore, type Created } from "./core.js";
import type { Config } from "./config/config.js";
import { embeddedSecretPath } from "./config/embedded-secret.js";
import { explainListenFault } from "./http/server/explain-listen-fault.js";
import { isFolderOpenToOthers, isOpenToOthers } from "./lib/private-file.js";

/** Milliseconds that requests under way get to finish once the process is told to stop. */
const DRAIN_MS = 10_000;

/** Milliseconds that a start under way gets. */
const START_GRACE_MS = 2_000;

/** Where a running gateway is, and what its start made. */
export interface Started {
  /** `http://host:port`, as it listens. */
  url: string;
  created: Created;
}

/**
 * Runs the gateway until it is told to stop: SIGTERM and SIGINT drain it.
 *
 * @returns once it listens.
 * @throws what opening the database and listening throw.
 */
export async function serve(config: Config, log: Logger, flush: () => Promise<void>): Promise<Started> {
  const close = async () => {
    // A start gets a moment to finish what it does to the database; whatever it leaves, the next one completes.
    const running = await Promise.race([starting, sleep(START_GRACE_MS)]);
    await running?.gateway.close();
  };
  endOnSignalsAndDefects(close, log, flush);
  log.info(
    { hashThreads: config.passwords.workers },
    "starting; hashThreads is the most that may hash passwords",
  );
  const starting = startGateway(config, log);
  return (await starting).started;
}

/**
 * Opens the configured database and listens; the process and its signals are the caller's.
 *
 * @throws what opening the database and listening throw.
 */
export async function startGateway(
  config: Config,
  log: Logger,
): Promise<{ gateway: Gateway; started: Started }> {
  const { core, created } = await openConfiguredCore(config, log, { mayCreate: true });
  warnOfOpenFiles(config, log);
  // Commands that only open the core do not load it.
  const { createGateway } = await import("./app.js");
  const gateway = await createGateway(core).catch(async (error: unknown) => {
    await core.close();
    throw error;
  });
  const url = await listen(gateway, config.server).catch(async (error: unknown) => {
    await gateway.close();
    throw error;
  });
  return { gateway, started: { url, created } };
}

async function listen({ server }: Gateway, { host, port }: Config["server"]): Promise<string> {
  const listenTextResolver = (address: string) => `listening at ${address}`;
  await server.listen({ host, port, listenTextResolver }).catch((error: unknown) => {
    throw explainListenFault(error, { host, port });
  });
  const { port: bound } = server.server.address() as AddressInfo;
  return `http://${host.includes(":") ? `[${host}]` : host}:${bound}`;
}

/** One line for all of them: each start has closed what it may close. */
function warnOfOpenFiles({ database, secrets }: Config, log: Logger): void {
  if (database.kind !== "sqlite") return;
  const { path } = database;
  const files = secrets === null ? [path, embeddedSecretPath(path)] : [path];
  const open = [...files.filter(isOpenToOthers), ...[dirname(path)].filter(isFolderOpenToOthers)];
  if (open.length > 0) log.warn({ open }, "other users of this machine may read or change these");
}

/**
 * The first signal, or an uncaught exception, drains and ends the process; a
 * second one, or the end of the grace, ends it at once. After a defect the
 * exit code is 1: what is in memory may be wrong, so a supervisor starts a new process.
 */
function endOnSignalsAndDefects(close: () => Promise<void>, log: Logger, flush: () => Promise<void>): void {
  const exit = (code: number) => void flush().then(() => process.exit(code));
  let ending = false;
  const end = (code: number) => {
    if (ending) {
      log.warn("stopping at once");
      exit(1);
      return;
    }
    ending = true;
    // It also keeps the process alive until everything has closed: some of what is waited for, such as threads, does not.
    setTimeout(() => {
      log.error("the drain took too long");
      exit(1);
    }, DRAIN_MS);
    close().then(
      () => {
        log.info("stopped");
        exit(code);
      },
      (error: unknown) => {
        log.error({ err: error }, "the stop failed");
        exit(1);
      },
    );
  };
  const onSignal = (signal: NodeJS.Signals) => {
    log.info({ signal }, "draining");
    end(0);
  };
  const onDefect = (error: unknown) => {
    log.fatal({ err: error }, "uncaught exception");
    end(1);
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  process.on("uncaughtException", onDefect);
  process.on("unhandledRejection", onDefect);
}
