import { setTimeout as sleep } from "node:timers/promises";
import { honest, startFalseRedis, type FalseRedis, type Reply } from "../support/false-redis.js";
import { until } from "../support/until.js";
import { AVAILABLE, redisAt, UNAVAILABLE, startNode, type Node } from "../support/nodes.js";

/** Long enough for several tries. */
const TRIES_MS = 2_500;

const refusing =
  (refused: string, text: string): Reply =>
  (command, words) =>
    command === refused ? `-${text}\r\n` : honest(command, words);

describe("what is no Redis, or none that helps", () => {
  let redis: FalseRedis;
  let node: Node;

  const begin = async (reply: Reply, login = {}) => {
    redis = await startFalseRedis(reply);
    node = startNode(redisAt(redis.port, login));
  };

  afterEach(async () => {
    node.close();
    await redis.close();
  });

  it.each([
    ["speaks HTTP", () => "HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n", expect.any(String)],
    ["greets as MySQL does", () => "J\0\0\0\n8.4.0\0", expect.any(String)],
    ["answers everything with nothing", () => null, "SocketTimeoutError"],
    ["answers more than it was asked", () => "+OK\r\n".repeat(50), expect.any(String)],
    ["cannot be logged in to", refusing("HELLO", "NOAUTH HELLO must be called"), "NOAUTH"],
    ["is still loading", refusing("HELLO", "LOADING Redis is loading"), "LOADING"],
    ["lets nobody subscribe", refusing("SUBSCRIBE", "NOPERM no permissions"), "NOPERM"],
    [
      "takes no writes",
      refusing("PUBLISH", "READONLY You can't write against a read only replica."),
      "READONLY",
    ],
    ["has no memory", refusing("PUBLISH", "OOM command not allowed"), "OOM"],
    ["refuses without a code", refusing("PUBLISH", "no"), "refused"],
  ] as [string, Reply, string][])(
    "that %s: told once, however often it is tried",
    async (_how, reply, reason) => {
      await begin(reply);
      await until(() => node.logged.length > 0);
      for (let i = 0; i < 1_000; i++) node.send();
      const { length } = redis.heard;
      await until(() => redis.heard.length > length);
      expect(node.logged).toEqual([{ msg: UNAVAILABLE, reason }]);
      // Once it is one, it is taken up.
      redis.reply = honest;
      await until(() => node.logged.length > 1);
      expect(node.logged.slice(1)).toEqual([{ msg: AVAILABLE }]);
    },
  );

  it("that repeats what it was sent gets no password into the log", async () => {
    // Redis before version 6 knows no HELLO, and says so in these words.
    await begin(
      (command, words) =>
        `-ERR unknown command \`${command}\`, with args beginning with: ${words.map((word) => `\`${word}\``).join(", ")}\r\n`,
      { user: "us3r", password: "pa55word" },
    );
    await until(() => node.logged.length > 0);
    expect(node.logged).toEqual([{ msg: UNAVAILABLE, reason: "ERR" }]);
    expect(node.lines.join()).not.toMatch(/pa55word|us3r/);
  });

  it("that begins to refuse what it has taken is given up, and not tried more often than every second", async () => {
    await begin(honest);
    await until(() => redis.heard.includes("PUBLISH"));
    redis.reply = refusing("PUBLISH", "OOM command not allowed");
    await until(() => {
      node.send();
      return node.logged.length > 0;
    });
    const sending = setInterval(node.send, 1);
    await sleep(TRIES_MS);
    clearInterval(sending);
    expect(node.logged).toEqual([{ msg: UNAVAILABLE, reason: "OOM" }]);
    expect(redis.heard.filter((command) => command === "HELLO").length).toBeLessThan(5);
  });

  it("that refuses only PING, as one whose disk is full does, serves as well", async () => {
    await begin(refusing("PING", "MISCONF Redis is configured to save RDB snapshots"));
    await until(() => redis.heard.filter((command) => command === "PING").length > 2);
    expect(node.logged).toEqual([]);
    expect(redis.heard.filter((command) => command === "HELLO")).toHaveLength(1);
  });

  it("that claims to move, or tells what nobody asked for, ends no more than the connection", async () => {
    await begin(honest);
    await until(() => redis.heard.includes("PUBLISH"));
    redis.say(">4\r\n$6\r\nMOVING\r\n:1\r\n:1\r\n$11\r\n127.0.0.1:1\r\n");
    redis.say(">2\r\n$10\r\ninvalidate\r\n_\r\n");
    redis.say(">3\r\n$7\r\nmessage\r\n$5\r\nother\r\n$1\r\nx\r\n");
    redis.say(">3\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n:1\r\n");
    await until(() => node.logged.length > 1);
    expect(node.logged).toEqual([{ msg: UNAVAILABLE, reason: expect.any(String) }, { msg: AVAILABLE }]);
  });

  it("to which a connection is only just being made when the node closes is left", async () => {
    await begin(honest);
    node.close();
    await until(() => redis.heard.includes("HELLO"));
    await until(() => redis.connections() === 0);
    expect(node.logged).toEqual([]);
    expect(redis.heard).not.toContain("SUBSCRIBE");
  });
});
