import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A TCP proxy in front of a database server: the network, and the server, as a gateway sees them. */
export interface Proxy {
  port: number;
  /** The same database, reached through here. */
  through(url: string): string;
  /** Connections stay open, new ones are taken, and nothing moves any more: a frozen server. */
  freeze(): void;
  thaw(): void;
  /** Forgets the connections that are open, as a NAT does with idle ones: what is sent over them is lost, without a word. New ones work. */
  forget(): void;
  /** Ends every connection and refuses new ones: a killed server. */
  kill(): Promise<void>;
  revive(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1 and forwards to the server of a database URL. */
export async function startProxy(target: string): Promise<Proxy> {
  const { hostname: host, port } = new URL(target);
  const sockets = new Set<Socket>();
  let waiting: (() => void)[] | null = null;

  function join(client: Socket): void {
    const server = connect({ host, port: Number(port || 3306), noDelay: true });
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(from);
      from.on("data", (bytes) => to.write(bytes));
      from.on("end", () => to.end());
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  }

  const server = createServer({ noDelay: true }, (client) => {
    sockets.add(client);
    client.on("close", () => sockets.delete(client));
    client.on("error", () => client.destroy());
    if (!waiting) {
      join(client);
      return;
    }
    client.pause();
    waiting.push(() => {
      if (!client.destroyed) join(client.resume());
    });
  });
  const listen = (at: number) => new Promise<void>((resolve) => server.listen(at, "127.0.0.1", resolve));
  await listen(0);
  const { port: own } = server.address() as AddressInfo;
  return {
    port: own,
    through: (url) => {
      const changed = new URL(url);
      changed.hostname = "127.0.0.1";
      changed.port = String(own);
      return changed.href;
    },
    freeze: () => {
      waiting ??= [];
      for (const socket of sockets) socket.pause();
    },
    thaw: () => {
      const held = waiting ?? [];
      waiting = null;
      for (const socket of sockets) socket.resume();
      for (const go of held) go();
    },
    forget: () => {
      for (const socket of sockets) socket.removeAllListeners("data").on("data", () => undefined);
    },
    kill: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    revive: () => listen(own),
  };
}
