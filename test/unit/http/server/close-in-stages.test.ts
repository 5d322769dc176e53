import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import {
  createStagedClosing,
  type LingerLimits,
  type StagedClosing,
} from "../../../../src/http/server/close-in-stages.js";

/** Longer than a test may take: only the limit under test can end the connection. */
const NEVER = 3_600_000;
const GENEROUS: LingerLimits = {
  bytes: Number.MAX_SAFE_INTEGER,
  idleMs: NEVER,
  totalMs: NEVER,
  stoppingMs: NEVER,
};

interface Refusing {
  server: Server;
  closing: StagedClosing;
  client: Socket;
}

const open: Refusing[] = [];

/** A server that refuses every request before its body, and a client that has been told so and keeps its side open. */
async function refuseOneRequest(limits: Partial<LingerLimits>): Promise<Refusing> {
  const closing = createStagedClosing({ ...GENEROUS, ...limits });
  const server = createServer((_request, response) => {
    response.writeHead(413, { connection: "close" }).end("too large");
  });
  closing.watch(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const refusing = { server, closing, client };
  open.push(refusing);
  client.on("error", () => undefined); // the server resets what is sent after its end
  client.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n");
  const answer: Buffer[] = [];
  client.on("data", (chunk: Buffer) => answer.push(chunk));
  await once(client, "end");
  expect(Buffer.concat(answer).toString()).toMatch(/^HTTP\/1\.1 413 /);
  return refusing;
}

/** Unlike `once`, does not mind the error that a reset is. */
const closeOf = (client: Socket) => new Promise((resolve) => client.once("close", resolve));

/** Sends a little again and again, as long as the connection takes it. */
function keepSending(client: Socket): void {
  const timer = setInterval(() => client.write("x"), 5);
  client.once("close", () => {
    clearInterval(timer);
  });
}

afterEach(async () => {
  for (const { server, client } of open.splice(0)) {
    client.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const connections = ({ server }: Refusing) =>
  new Promise<number>((resolve, reject) => {
    server.getConnections((error, count) => {
      if (error) reject(error);
      else resolve(count);
    });
  });

describe("a connection whose last answer is out", () => {
  it("stays open while the client sends within the limits", async () => {
    const refusing = await refuseOneRequest({});
    for (let sent = 0; sent < 20; sent++) {
      if (!refusing.client.write(Buffer.alloc(64 * 1024))) await once(refusing.client, "drain");
    }
    expect(await connections(refusing)).toBe(1);
  });

  it("ends with the client's side", async () => {
    const { client } = await refuseOneRequest({});
    client.end();
    await closeOf(client);
    expect(client.destroyed).toBe(true);
  });

  it("ends when the client sends nothing for the idle time", async () => {
    const { client } = await refuseOneRequest({ idleMs: 50 });
    // The end is seen by the next write alone: until then this side is open.
    await refusedWrite(client);
  });

  it("ends after the total time, however busily the client sends", async () => {
    const { client } = await refuseOneRequest({ totalMs: 50 });
    keepSending(client);
    await closeOf(client);
    expect(client.destroyed).toBe(true);
  });

  it("ends when the client has sent more bytes than are dropped", async () => {
    const { client } = await refuseOneRequest({ bytes: 1_000 });
    client.write(Buffer.alloc(64 * 1024));
    await refusedWrite(client);
  });

  it("ends after the shorter time of a stop that begins meanwhile", async () => {
    const { client, closing } = await refuseOneRequest({ stoppingMs: 20 });
    keepSending(client);
    closing.hurry();
    await closeOf(client);
    expect(client.destroyed).toBe(true);
  });
});

/** Resolves when the other side has closed the connection. */
async function refusedWrite(client: Socket): Promise<void> {
  const closed = closeOf(client);
  const timer = setInterval(() => client.write("x"), 100);
  await closed;
  clearInterval(timer);
}
