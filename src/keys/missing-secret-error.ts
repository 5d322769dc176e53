import { LatchkeyError } from "../errors/latchkey-error.js";

/** A stored value needs a secret that is not configured: at a start, the operator gave another one. */
export class MissingSecretError extends LatchkeyError {
  constructor(id: string) {
    super("INTERNAL_SERVER_ERROR", {
      detail: `A value was sealed under secret ${id}, which is not configured in LATCHKEY_SECRET.`,
    });
  }
}
