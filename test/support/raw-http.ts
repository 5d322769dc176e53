import { connect } from "node:net";

/** What came back over the socket, as far as it is HTTP. */
export interface RawAnswer {
  /** Of the first answer; 0 when the connection was closed without one. */
  status: number;
  /** Names in lower case; repeated ones joined by ", ". */
  headers: Record<string, string>;
  body: string;
  /** How many answers came over the connection. */
  answers: number;
  text: string;
}

/** More than the gateway waits for the rest of a request. */
const WAIT_MS = 10_000;

/** Writes bytes to the gateway's socket just as they are, and reads until it closes the connection. */
export function sendRaw(url: string, ...chunks: (string | Buffer)[]): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => {
      for (const chunk of chunks)
        socket.write(typeof chunk === "string" ? Buffer.from(chunk, "latin1") : chunk);
    });
    socket.setTimeout(WAIT_MS, () => {
      socket.destroy(new Error(`the gateway kept the connection: ${Buffer.concat(received).toString()}`));
    });
    socket.on("data", (data) => received.push(data));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      // A refusal may be followed by a reset: the rest of the request is not wanted.
      if (error.code === "ECONNRESET" || error.code === "EPIPE")
        resolve(parseAnswer(Buffer.concat(received)));
      else reject(error);
    });
    socket.on("end", () => {
      socket.end();
      resolve(parseAnswer(Buffer.concat(received)));
    });
  });
}

/** A request head that asks for the connection to be closed, so that the answer has an end. */
export function requestHead(line: string, headers: readonly string[] = [], host = "Host: localhost"): string {
  return `${[`${line} HTTP/1.1`, host, "Connection: close", ...headers].join("\r\n")}\r\n\r\n`;
}

/** The first answer of what was received. */
export function parseAnswer(received: Buffer): RawAnswer {
  const text = received.toString();
  const end = text.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = text.slice(0, Math.max(end, 0)).split("\r\n");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? 0),
    headers,
    body: end < 0 ? "" : text.slice(end + 4),
    answers: text.match(/HTTP\/1\.1 \d{3} /g)?.length ?? 0,
    text,
  };
}
