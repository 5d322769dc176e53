import { setTimeout as sleep } from "node:timers/promises";
import { pino, stdTimeFunctions, type DestinationStream, type LevelWithSilent, type Logger } from "pino";
import sonicBoom from "sonic-boom";

/** Header names whose values are credentials. */
const CREDENTIAL_HEADERS = [
  "authorization",
  "cookie",
  "set-cookie",
  "x-auth-token",
  "x-access-token",
  "x-key",
];

/**
 * Structured logs, one JSON object a line, times in UTC.
 * Credentials are redacted wherever a log line might carry them, and of errors only
 * what tells where they come from is kept: a driver's error also holds the values of its statement.
 */
export function createLog(level: LevelWithSilent, destination: DestinationStream): Logger {
  const paths = CREDENTIAL_HEADERS.flatMap((name) => [`req.headers["${name}"]`, `headers["${name}"]`]);
  const options = {
    level,
    base: { pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
    redact: {
      paths: [...paths, "password", "token", "secret", "*.password", "*.token", "*.secret"],
      censor: "[redacted]",
    },
  };
  return pino(options, destination);
}

/** Bytes that may wait to be written; lines beyond are dropped. */
const MAX_WAITING = 1024 * 1024;
/** Milliseconds that an end waits for the last lines. */
const LAST_LINES_MS = 500;

/** Standard output as the place of a log. */
export interface LogOutput {
  destination: DestinationStream;
  /** Resolves when all lines are written, or after half a second. */
  flush(): Promise<void>;
}

/**
 * Standard output, written to beside the event loop: a volume that is full or
 * a reader that has stalled costs log lines, never a request. pino's own
 * destination ends the process then, and waits for the disk before it does.
 */
export function standardOutput(): LogOutput {
  const stream = new sonicBoom.SonicBoom({ fd: 1, sync: false, maxLength: MAX_WAITING });
  // What could not be written is tried again with the next line.
  stream.on("error", () => undefined);
  const written = () =>
    new Promise<void>((resolve) => {
      stream.flush(() => {
        resolve();
      });
    });
  return { destination: stream, flush: () => Promise.race([written(), sleep(LAST_LINES_MS)]) };
}

interface ErrorDescription {
  type: string;
  message: string;
  code?: string;
  detail?: string;
  stack?: string;
  cause?: ErrorDescription;
}

function describeError(error: unknown): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error, message: "not an error" };
  // A database's own words repeat values ("Duplicate entry 'ann@…'"), and a stack begins with them.
  const quotes = error.name === "QueryFailedError";
  const { code, detail } = error as { code?: unknown; detail?: unknown };
  return {
    type: error.name,
    message: quotes ? "a statement failed" : error.message,
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof detail === "string" ? { detail } : {}),
    ...(error.stack === undefined ? {} : { stack: quotes ? framesOf(error.stack) : error.stack }),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

const framesOf = (stack: string): string =>
  stack
    .split("\n")
    .filter((line) => line.startsWith("    at "))
    .join("\n");
