import { LatchkeyError } from "../errors/latchkey-error.js";

/**
 * Refuses a state-changing operation whose credential is the session cookie
 * when a foreign page may have sent it. Thrown before execution: 403.
 *
 * @throws FORBIDDEN
 */
export function refuseForgedRequests({ foreign }: { foreign: boolean }): void {
  if (foreign) {
    throw new LatchkeyError("FORBIDDEN", { message: "A foreign page may not act by this session cookie." });
  }
}
