import { Agent, request, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { withGateway } from "../../support/with-gateway.js";

/** Most load balancers keep an idle connection for a minute, Traefik for 90 seconds, Caddy for two minutes. */
const LONGEST_OF_PROXIES_S = 120;

/** More than the time that a request's headers may take, which must not be counted from the request before. */
const IDLE_MS = 6_500;

const REQUEST = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

/** Sends a request over a connection that stays open; answers what came back. */
async function ask(socket: Socket): Promise<string> {
  socket.write(REQUEST);
  const closed = once(socket, "close").then(() => [Buffer.from("closed")]);
  const [data] = (await Promise.race([once(socket, "data"), closed])) as [Buffer];
  return data.toString();
}

describe("a connection that a proxy keeps", () => {
  const gateway = withGateway();

  it("is announced to stay open for longer than proxies keep idle ones", async () => {
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
    const seconds = Number(/^Keep-Alive: timeout=(\d+)/im.exec(await ask(socket))?.[1]);
    socket.destroy();
    expect(seconds).toBeGreaterThan(LONGEST_OF_PROXIES_S);
  });

  it("serves the next request after it was idle for a while", async () => {
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
    expect(await ask(socket)).toMatch(/^HTTP\/1\.1 200 /);
    await sleep(IDLE_MS);
    expect(await ask(socket)).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
  });
});

describe("KEEP_ALIVE_TIMEOUT", () => {
  const gateway = withGateway({ KEEP_ALIVE_TIMEOUT: "1s" });

  it("is announced, and ends a connection that is idle for longer", async () => {
    const agent = new Agent({ keepAlive: true });
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request(`${gateway.url}/healthz`, { agent }, resolve).on("error", reject).end();
    });
    const { socket } = answer;
    expect(answer.headers["keep-alive"]).toMatch(/^timeout=1\b/);
    await answer.resume().toArray();
    if (!socket.destroyed) await once(socket, "close");
    agent.destroy();
  });
});
