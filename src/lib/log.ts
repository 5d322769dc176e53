import { pino, stdTimeFunctions } from "pino";
import type { DestinationStream, LevelWithSilent, Logger } from "pino";

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
 * Structured logs on standard output, one JSON object a line, times in UTC.
 * Credentials are redacted wherever a log line might carry them, and of errors only
 * what tells where they come from is kept: a driver's error also holds the values of its statement.
 */
export function createLog(level: LevelWithSilent, destination?: DestinationStream): Logger {
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
  return destination ? pino(options, destination) : pino(options);
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
