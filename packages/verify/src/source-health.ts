import { InvalidTokenError } from "#wire/invalid-token-error.js";
import { GatewayError } from "./gateway-error.js";
import type { VerifierLog } from "./options.js";

/** The current problem of one source, if any. */
export interface SourceHealth {
  report(problem: unknown): void;
  /** The source works again. */
  clear(): void;
  current(): string | null;
}

function describeSource(problem: unknown): string {
  if (problem instanceof GatewayError || problem instanceof InvalidTokenError) return problem.message;
  return problem instanceof Error ? problem.name : "unknown";
}

/** Tracks the problem of a source. It logs a problem once, and not at every attempt. */
export function createSourceHealth(source: "keys" | "feed", log: VerifierLog): SourceHealth {
  let current: string | null = null;
  return {
    report(problem) {
      const detail = describeSource(problem);
      if (detail !== current) log.warn({ source, detail }, "the verifier cannot read from the gateway");
      current = detail;
    },
    clear() {
      if (current !== null) log.info({ source }, "the verifier reads from the gateway again");
      current = null;
    },
    current: () => current,
  };
}
