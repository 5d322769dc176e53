import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { parseAnswer, type RawAnswer } from "./raw-http.js";

const PIECE = Buffer.alloc(64 * 1024, "a");

export async function connectTo(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  await once(socket, "connect");
  return socket;
}

/**
 * Sends a request to its last byte before it reads any of the answer, as browsers do.
 *
 * @throws when the connection is reset, or ends without an end.
 */
export async function sendThenRead(url: string, head: string, size: number, after = ""): Promise<RawAnswer> {
  const socket = await connectTo(url);
  const failed = once(socket, "close").then(() => {
    if (socket.errored) throw socket.errored;
  });
  failed.catch(() => undefined);
  socket.write(head);
  for (let left = size; left > 0; left -= PIECE.length) {
    if (!socket.write(PIECE.subarray(0, Math.min(left, PIECE.length)))) {
      await Promise.race([once(socket, "drain"), failed]);
    }
  }
  socket.write(after);
  return readAll(socket);
}

/** Everything that comes until the other side ends. */
export async function readAll(socket: Socket): Promise<RawAnswer> {
  const received: Buffer[] = [];
  for await (const chunk of socket as AsyncIterable<Buffer>) received.push(chunk);
  socket.end();
  return parseAnswer(Buffer.concat(received));
}

/** Sends for as long as the other side takes it; how many bytes that were. Nothing is read. */
export async function sendForEver(socket: Socket, head: string): Promise<number> {
  socket.on("error", () => undefined);
  socket.write(head);
  while (!socket.destroyed) {
    if (!socket.write(PIECE)) await once(socket, "drain").catch(() => undefined);
  }
  return socket.bytesWritten;
}
