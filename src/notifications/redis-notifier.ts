import { ErrorReply, createClient } from "@redis/client";
import { isIP } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { RedisConfig } from "../config/config.js";
import { createFlapReporter } from "../lib/report-flaps.js";
import { throttleCalls } from "../lib/throttle-calls.js";
import type { RevocationNotifier } from "./revocation-notifier.js";

/** Milliseconds between two signs of life that are asked for. */
const PING_MS = 1_000;

/** Milliseconds without one until a connection counts as lost; and how long making one may take. */
const SILENCE_MS = 3_000;

/**
 * One connection to Redis (RESP3: it can subscribe and publish), which is not made anew when it is lost. What
 * cannot be sent at once is refused, never kept.
 */
export function createRedisClient({ host, port, user, password, database, tls }: RedisConfig) {
  const socket = {
    host,
    port,
    connectTimeout: SILENCE_MS,
    socketTimeout: SILENCE_MS,
    reconnectStrategy: false as const,
  };
  return createClient({
    RESP: 3,
    socket: tls ? { ...socket, tls: true, ...(isIP(host) === 0 ? { servername: host } : {}) } : socket,
    ...(user === null ? {} : { username: user }),
    ...(password === null ? {} : { password }),
    database,
    pingInterval: PING_MS,
    disableOfflineQueue: true,
    // Both would need permissions that nothing else does; the second lets the server send a client elsewhere.
    disableClientInfo: true,
    maintNotifications: "disabled",
  });
}

/** Whether the server has answered, if only to refuse something. */
export function isRedisReply(error: unknown): boolean {
  return error instanceof ErrorReply;
}

/**
 * What went wrong, in one word, for the log: the code of a refusal (WRONGPASS) or of a system error
 * (ECONNREFUSED). Nothing else of a refusal: servers repeat in it what they were sent, the password too.
 */
export function redisFault(error: unknown): string {
  if (error instanceof ErrorReply) return /^[A-Z]{1,40}(?= |$)/.exec(error.message)?.[0] ?? "refused";
  const { code, constructor } = Object(error) as { code?: unknown; constructor: { name: string } };
  return typeof code === "string" ? code : constructor.name;
}

/** Milliseconds between two nudges, of those sent and of those heeded. */
const PACE_MS = 5;

/** Milliseconds until the next try to reach Redis. */
const RETRY_MS = 1_000;

/** All that a nudge holds. */
const NOTHING = "";

interface RedisNotifierDeps {
  redis: RedisConfig;
  /** Where the nodes of this installation meet. */
  channel: string;
  log: Logger;
}

/** What a connection is used for once it stands. */
interface Line {
  /** Resolves once it is published, or can no longer be. */
  publish(): Promise<void>;
}

/**
 * Nudges through a channel of Redis. One connection subscribes and publishes; when it fails in whatever way it
 * is given up, and another one is tried every second. Until one stands nudges are dropped, as nobody needs them.
 */
export function createRedisNotifier(deps: RedisNotifierDeps): RevocationNotifier {
  const ending = new AbortController();
  const { signal } = ending;
  /** A function, since the compiler believes that the answer of a property stays. */
  const isEnding = () => signal.aborted;
  const messages = {
    failing: "Redis pub/sub unavailable; polling continues",
    recovered: "Redis pub/sub available again",
  };
  const reporter = createFlapReporter(deps.log, messages, (error) => ({ reason: redisFault(error) }));
  let line: Line | null = null;

  async function run(onNotification: () => void): Promise<void> {
    while (!isEnding()) {
      const onConnected = (connected: Line) => {
        line = connected;
        reporter.succeeded();
      };
      const error = await holdLine(deps, { onNotification, onConnected }, signal);
      line = null;
      if (isEnding()) return;
      reporter.failed(error);
      await sleep(RETRY_MS, undefined, { ref: false, signal }).catch(() => undefined);
    }
  }

  return {
    // One under way at a time: nothing piles up before a Redis that has stopped reading.
    send: throttleCalls(() => line?.publish(), PACE_MS),
    start: (onNotification) => {
      void run(throttleCalls(onNotification, PACE_MS));
    },
    close: () => {
      ending.abort();
    },
  };
}

/** Connects, subscribes, publishes once, and stays until that fails or is to end; answers why it did. */
async function holdLine(
  { redis, channel }: RedisNotifierDeps,
  { onNotification, onConnected }: { onNotification: () => void; onConnected: (line: Line) => void },
  ending: AbortSignal,
): Promise<unknown> {
  const client = createRedisClient(redis);
  let fail: (reason: unknown) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => (fail = reject));
  client.on("error", (error: unknown) => {
    // A PING that is refused (a disk is full, a permission is missing) is a sign of life like any other.
    if (!isRedisReply(error)) fail(error);
  });
  const end = () => {
    fail(ending.reason);
  };
  ending.addEventListener("abort", end);
  const connecting = client.connect();
  const open = async () => {
    await connecting;
    await client.subscribe(channel, onNotification);
    // Whether that is allowed is told now and not at the first logout; and what was missed meanwhile is looked for.
    await client.publish(channel, NOTHING);
  };
  try {
    await Promise.race([open(), failed]);
    onConnected({ publish: () => client.publish(channel, NOTHING).then(() => undefined, fail) });
    return await failed;
  } catch (error) {
    return error;
  } finally {
    ending.removeEventListener("abort", end);
    const destroy = () => {
      client.destroy();
    };
    destroy();
    // A connection that was only being made is not ended by that, and would stay.
    connecting.then(destroy, destroy);
  }
}
