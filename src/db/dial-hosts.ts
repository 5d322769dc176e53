import { connect, type Socket } from "node:net";

/**
 * Milliseconds of silence after which TCP probes the other side. By default most systems send the first probe after two
 * hours. By then every NAT has forgotten the connection: the shortest common limit is 60 s.
 */
export const KEEP_ALIVE_AFTER_MS = 30_000;

/**
 * Creates a socket factory for mysql2 over several hosts of one cluster. It dials the host that worked last. When that host
 * cannot be reached, or a connection to it breaks, it moves on to the next host. The broken attempt itself still fails; the
 * pool's next attempt goes to the other host.
 */
export function createHostDialer(hosts: readonly { host: string; port: number }[]): () => Socket {
  let preferred = 0;
  return () => {
    const dialled = preferred;
    const target = hosts[dialled];
    if (!target) throw new Error("no database host is configured");
    const socket = connect({
      ...target,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_AFTER_MS,
    });
    const moveOn = () => {
      if (preferred === dialled) preferred = (dialled + 1) % hosts.length;
    };
    socket.once("error", moveOn);
    socket.once("close", () => {
      // No byte arrived, not even the greeting: no server is behind that port. A server that closes an idle connection has
      // sent its greeting before.
      if (socket.bytesRead === 0) moveOn();
    });
    return socket;
  };
}
