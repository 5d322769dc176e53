import { createServer, type AddressInfo, type Socket } from "node:net";

/** What a false Redis says to a command; null for nothing. */
export type Reply = (command: string, words: string[]) => string | null;

/** What the real one says, as far as nodes ask. */
export const honest: Reply = (command, words) => {
  switch (command) {
    case "HELLO":
      return "%1\r\n$5\r\nproto\r\n:3\r\n";
    case "SUBSCRIBE":
      return `>3\r\n$9\r\nsubscribe\r\n$${words[1]!.length}\r\n${words[1]}\r\n:1\r\n`;
    case "PUBLISH":
      return ":1\r\n";
    default:
      return "+PONG\r\n";
  }
};

export interface FalseRedis {
  port: number;
  /** Changes what it says from now on. */
  reply: Reply;
  /** Says something that nobody asked for, on every connection. */
  say(text: string): void;
  connections(): number;
  /** Every command that it was sent. */
  heard: string[];
  close(): Promise<void>;
}

/** Something that listens where a Redis is expected. */
export async function startFalseRedis(reply: Reply): Promise<FalseRedis> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      for (let words = take(); words; words = take()) {
        const command = words[0]!.toUpperCase();
        it.heard.push(command);
        const answer = it.reply(command, words);
        if (answer !== null) socket.write(answer);
      }
    });
    /** Takes the first command off the text: an array of bulk strings, all ASCII. */
    const take = (): string[] | null => {
      const head = /^\*(\d+)\r\n/.exec(text);
      if (!head) return null;
      const parts = text.slice(head[0].length).split("\r\n");
      const count = Number(head[1]) * 2;
      if (parts.length <= count) return null;
      text = parts.slice(count).join("\r\n");
      return parts.slice(0, count).filter((_, i) => i % 2 === 1);
    };
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const it: FalseRedis = {
    port: (server.address() as AddressInfo).port,
    reply,
    say: (text) => {
      for (const socket of sockets) socket.write(text);
    },
    connections: () => sockets.size,
    heard: [],
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return it;
}
