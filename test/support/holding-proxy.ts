import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** An HTTP proxy in front of a gateway that can keep one request, or its answer, as long as a test wants. */
export interface HoldingProxy {
  url: string;
  /** `METHOD` of every request, oldest first. */
  methods: string[];
  /** The next request whose body contains the text: it is kept before it is passed on, or its answer before it goes back. */
  hold(side: "request" | "answer", marker: string): Held;
}

export interface Held {
  /** Resolves when it is there. */
  arrived: Promise<void>;
  release(): void;
}

interface Trap {
  side: "request" | "answer";
  marker: string;
  spring(): Promise<void>;
}

export async function startHoldingProxy(
  target: string,
): Promise<HoldingProxy & { close: () => Promise<void> }> {
  const traps = new Set<Trap>();
  const methods: string[] = [];
  const pass = async (side: Trap["side"], body: string) => {
    const trap = [...traps].find((each) => each.side === side && body.includes(each.marker));
    if (!trap) return;
    traps.delete(trap);
    await trap.spring();
  };
  const forward = async (request: IncomingMessage) => {
    const body = await text(request);
    methods.push(request.method ?? "");
    await pass("request", body);
    const answer = await fetch(`${target}${request.url ?? ""}`, {
      method: request.method,
      headers: headersOf(request),
      ...(body === "" ? {} : { body }),
    });
    const answered = await answer.text();
    await pass("answer", body);
    return { status: answer.status, type: answer.headers.get("content-type") ?? "", answered };
  };
  const server = createServer((request, response) => {
    void forward(request).then(({ status, type, answered }) => {
      response.writeHead(status, { "content-type": type }).end(answered);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    methods,
    hold: (side, marker) => trapIn(traps, side, marker),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function trapIn(traps: Set<Trap>, side: Trap["side"], marker: string): Held {
  const arrived = latch();
  const released = latch();
  traps.add({
    side,
    marker,
    spring: () => {
      arrived.open();
      return released.opened;
    },
  });
  return { arrived: arrived.opened, release: released.open };
}

function latch(): { opened: Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

/** Those that say what is asked and by whom; the others are of the connection. */
function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const kept = ["accept", "authorization", "content-type", "apollo-require-preflight"];
  return Object.fromEntries(
    kept.flatMap((name) => (typeof headers[name] === "string" ? [[name, headers[name]]] : [])),
  );
}
