import { spawn, spawnSync } from "node:child_process";
import { createClient } from "@redis/client";
import { freePort } from "./free-port.js";
import { temporaryFolder } from "./gateway.js";
import { skipUnlessRequired } from "./required.js";

const found = spawnSync("redis-server", ["--version"], { encoding: "utf8" });

if (found.status !== 0) skipUnlessRequired("redis", "with Redis", "there is no redis-server");

/** A suite that needs a Redis of its own; skipped, with a word, where there is none. */
export const describeWithRedis = found.status === 0 ? describe : describe.skip;

/** A Redis of one suite's own, on a port that stays the same. */
export interface TestRedis {
  port: number;
  /** REDIS_URL, without a password. */
  url: string;
  /** Starts it; `options` as on its command line. Resolves when it answers. */
  start(...options: string[]): Promise<void>;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
  /** It takes connections, and neither reads nor answers any more. */
  freeze(): void;
  thaw(): void;
  /** Sends one command as an administrator and answers the reply; refusals are thrown. */
  command(...words: string[]): Promise<unknown>;
  /** The channels that somebody has subscribed to, and how many have. */
  subscribers(): Promise<Record<string, number>>;
  /** Ends it for good. */
  remove(): Promise<void>;
}

/** Finds a port; nothing is started yet. */
export async function createTestRedis(): Promise<TestRedis> {
  const port = await freePort();
  const folder = temporaryFolder();
  const url = `redis://127.0.0.1:${port}`;
  /** What its administrator presents, when a start has set a password. */
  let password: string | undefined;
  let child: ReturnType<typeof spawn> | null = null;
  let exited: Promise<void> = Promise.resolve();

  async function command(...words: string[]): Promise<unknown> {
    const client = createClient({
      socket: { port, host: "127.0.0.1", reconnectStrategy: false },
      ...(password === undefined ? {} : { password }),
      maintNotifications: "disabled",
    });
    client.on("error", () => undefined);
    try {
      await client.connect();
      return await client.sendCommand(words);
    } finally {
      client.destroy();
    }
  }

  const kill = async () => {
    child?.kill("SIGCONT");
    child?.kill("SIGKILL");
    await exited;
    child = null;
  };

  return {
    port,
    url,
    start: async (...options) => {
      const at = options.indexOf("--requirepass");
      password = at < 0 ? undefined : options[at + 1];
      const fixed = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder.path, "--save", ""];
      const started = spawn("redis-server", [...fixed, ...options], { stdio: "ignore" });
      child = started;
      exited = new Promise((resolve) => started.on("close", () => resolve()));
      while (!(await command("PING").catch(() => null))) {
        if (started.exitCode !== null) throw new Error(`redis-server ended with ${started.exitCode}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    kill,
    freeze: () => void child?.kill("SIGSTOP"),
    thaw: () => void child?.kill("SIGCONT"),
    command,
    subscribers: async () => {
      const channels = (await command("PUBSUB", "CHANNELS")) as string[];
      const counts = (await command("PUBSUB", "NUMSUB", ...channels)) as (string | number)[];
      return Object.fromEntries(channels.map((channel, i) => [channel, Number(counts[2 * i + 1])]));
    },
    remove: async () => {
      await kill();
      folder.remove();
    },
  };
}
