import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** What a client may still send once the answer that ends its connection is written. */
export interface LingerLimits {
  /** In all. */
  bytes: number;
  /** Milliseconds without a byte. */
  idleMs: number;
  /** Milliseconds in all. */
  totalMs: number;
  /** The same while the server stops. */
  stoppingMs: number;
}

/**
 * The times are those of nginx (`lingering_timeout`, `lingering_time`): long enough for a slow link. The bytes are what
 * people upload by mistake, photographs and short films; dropping them takes milliseconds. A server that stops
 * waits for one round trip, wherever the client is.
 */
const LIMITS: LingerLimits = {
  bytes: 32 * 1024 * 1024,
  idleMs: 5_000,
  totalMs: 30_000,
  stoppingMs: 1_000,
};

/** Ends connections so that the last answer arrives. */
export interface StagedClosing {
  /** From now on every connection of the server is closed so, by Node itself too. */
  watch(server: Server): void;
  /** Writes a last answer by hand, behind those that are still due, and closes. */
  closeWith(socket: Socket, answer: string): void;
  /** Nothing that comes over this connection is looked at any more. */
  isClosing(socket: Socket): boolean;
  /** The server stops: what lingers is given little time from now on. */
  hurry(): void;
  /**
   * The server has stopped: ends connections over which no request has come. Node ends those that are idle after one;
   * a browser's spare connection, or one whose headers arrive for ever, would be waited for.
   */
  endUnused(): void;
}

/**
 * Closes connections in stages (RFC 9112 section 9.6): the answer and the end of our side first; then what the client
 * still sends is read and dropped, unparsed, until it ends its side or has used up the limits. Closed at once, the
 * connection would be reset by the bytes that are still on their way, and the client might lose the answer.
 */
export function createStagedClosing(limits: LingerLimits = LIMITS): StagedClosing {
  const exchanges = new Map<Socket, Set<ServerResponse>>();
  const dropping = new WeakSet<Socket>();
  const lingering = new Map<Socket, (ms: number) => void>();
  let totalMs = limits.totalMs;

  const drop = (socket: Socket) => {
    if (dropping.has(socket)) return;
    dropping.add(socket);
    dropInput(socket, limits.bytes);
  };
  const close = (socket: Socket) => {
    if (socket.destroyed || lingering.has(socket)) return;
    drop(socket);
    lingering.set(
      socket,
      startLingering(socket, limits.idleMs, () => totalMs),
    );
    socket.once("close", () => lingering.delete(socket));
  };

  return {
    watch(server) {
      server.on("connection", (socket: Socket) => {
        const due = new Set<ServerResponse>();
        exchanges.set(socket, due);
        socket.once("close", () => exchanges.delete(socket));
        // Node calls it when it has written the last answer of a connection.
        socket.destroySoon = () => {
          close(socket);
        };
      });
      server.on("request", (request, response) => {
        const due = exchanges.get(request.socket);
        due?.add(response);
        response.once("close", () => due?.delete(response));
        // Answered before the client has sent all of it: where its next request begins cannot be waited for.
        response.once("finish", () => {
          if (!request.complete) close(request.socket);
        });
      });
    },
    closeWith(socket, answer) {
      if (dropping.has(socket)) return;
      drop(socket);
      const due = [...(exchanges.get(socket) ?? [])];
      const finish = () => {
        if (socket.writable) socket.write(answer);
        close(socket);
      };
      // The request that is malformed has none; of those before it, and of one that was refused early, there is one.
      const before = due.filter(({ req, headersSent }) => req.complete || headersSent).at(-1);
      if (before) before.once("close", finish);
      else finish();
    },
    isClosing: (socket) => dropping.has(socket),
    hurry() {
      totalMs = limits.stoppingMs;
      for (const restart of lingering.values()) restart(totalMs);
    },
    endUnused() {
      for (const [socket, due] of exchanges) endWithoutRequest(socket, due, limits.stoppingMs);
    },
  };
}

/** Ends a connection without a request under way; one that has begun to send its headers gets `ms` to finish them. */
function endWithoutRequest(socket: Socket, due: ReadonlySet<ServerResponse>, ms: number): void {
  const end = () => {
    if (due.size === 0) socket.destroy();
  };
  if (socket.bytesRead === 0) end();
  else setTimeout(end, ms).unref();
}

/** Takes the connection from Node's parser: requests that are pipelined behind the last one must not be acted on. */
function dropInput(socket: Socket, maxBytes: number): void {
  let left = maxBytes;
  const takeOver = () => {
    socket.removeAllListeners("data");
    socket.on("data", (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) socket.destroy();
    });
  };
  if (!socket.isPaused()) {
    takeOver();
    return;
  }
  // Node has stopped reading because nobody reads the body, and must have begun again before its listeners are gone.
  socket.once("resume", takeOver);
  socket.resume();
}

/** Ends our side, and the connection with the client's side or in time. What is returned changes that time. */
function startLingering(socket: Socket, idleMs: number, totalMs: () => number): (ms: number) => void {
  let timer: NodeJS.Timeout | undefined;
  const restart = (ms: number) => {
    // Until the answer is out the client is waited for, as for every answer.
    if (!socket.writableFinished || socket.destroyed) return;
    clearTimeout(timer);
    timer = setTimeout(() => socket.destroy(), ms);
  };
  socket.once("close", () => {
    clearTimeout(timer);
  });
  socket.end(() => {
    socket.setTimeout(idleMs, () => socket.destroy());
    restart(totalMs());
  });
  return restart;
}
