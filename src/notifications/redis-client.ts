import { isIP } from "node:net";
import { createClient, ErrorReply } from "@redis/client";
import type { RedisConfig } from "../config/config.js";

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
export function isRefusal(error: unknown): boolean {
  return error instanceof ErrorReply;
}

/**
 * What went wrong, in one word, for the log: the code of a refusal (WRONGPASS) or of a system error
 * (ECONNREFUSED). Nothing else of a refusal: servers repeat in it what they were sent, the password too.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof ErrorReply) return /^[A-Z]{1,40}(?= |$)/.exec(error.message)?.[0] ?? "refused";
  const { code, constructor } = Object(error) as { code?: unknown; constructor: { name: string } };
  return typeof code === "string" ? code : constructor.name;
}
