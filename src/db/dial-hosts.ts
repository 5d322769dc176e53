import { connect, type Socket } from "node:net";

/**
 * Milliseconds of silence after which TCP probes the other side. Without it the first probe is sent after two hours on
 * most systems, long after every NAT has forgotten the connection: the shortest common limit is 60 s.
 */
export const KEEP_ALIVE_AFTER_MS = 30_000;

/**
 * A socket factory for mysql2 over several hosts of one cluster: dials the host
 * that worked last, and moves on to the next one when it cannot be reached, or a
 * connection to it breaks. A broken attempt fails as usual; the pool's next attempt finds the other host.
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
      // Never greeted: nobody is behind that port. A server that ends an idle connection says no such thing.
      if (socket.bytesRead === 0) moveOn();
    });
    return socket;
  };
}
