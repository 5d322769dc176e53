import { pino } from "pino";
import type { RedisConfig } from "../../src/config/config.js";
import type { RevocationNotifier } from "../../src/notifications/revocation-notifier.js";
import { createRedisNotifier } from "../../src/notifications/redis-notifier.js";

export const CHANNEL = "latchkey:revocations:of-a-test";

/** How a node without a password reaches a Redis of this machine. */
export const redisAt = (port: number, parts: Partial<RedisConfig> = {}): RedisConfig => ({
  host: "127.0.0.1",
  port,
  user: null,
  password: null,
  database: 0,
  tls: false,
  ...parts,
});

export interface Node extends RevocationNotifier {
  /** How often it was woken. */
  woken: number;
  /** What it has logged, in order: texts, and for failures the reason. */
  logged: { msg: string; reason?: string }[];
  /** Every line it has logged, as it stands. */
  lines: string[];
}

export const UNAVAILABLE = "Redis pub/sub unavailable; polling continues";
export const AVAILABLE = "Redis pub/sub available again";

/** A node that takes part, on whatever channel. */
export function startNode(
  redis: RedisConfig,
  {
    channel = CHANNEL,
    onNotification = () => undefined,
  }: { channel?: string; onNotification?: () => void } = {},
): Node {
  const lines: string[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(line) });
  const notifier = createRedisNotifier({ redis, channel, log });
  const node: Node = {
    ...notifier,
    woken: 0,
    lines,
    get logged() {
      return lines.map((line) => {
        const { msg, reason } = JSON.parse(line) as { msg: string; reason?: string };
        return reason === undefined ? { msg } : { msg, reason };
      });
    },
  };
  notifier.start(() => {
    node.woken += 1;
    onNotification();
  });
  return node;
}
