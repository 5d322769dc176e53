import { randomUUID } from "node:crypto";
import type { Client } from "../entities/client.js";
import { badInput } from "../errors/latchkey-error.js";
import type { ClientDeps } from "./client-deps.js";
import { makeClientSecret, secretOfClient } from "./client-secret.js";

/** Characters. */
const MAX_NAME = 128;

/**
 * Makes a client: a service that may ask about tokens that are not its own.
 *
 * @returns the stored row, and the secret, which cannot be read again.
 * @throws BAD_USER_INPUT for a name that is blank, longer than 128 characters or not plain text.
 */
export async function createClient(
  deps: Pick<ClientDeps, "store" | "secrets" | "clock" | "audit">,
  name: string,
): Promise<{ client: Client; secret: string }> {
  checkName(name);
  const id = randomUUID();
  const secret = makeClientSecret();
  const client: Client = {
    id,
    name,
    secretHash: deps.secrets.hash(secretOfClient(id, secret)),
    creationTime: new Date(deps.clock()),
    revocationTime: null,
    lastUsageTime: null,
  };
  await deps.store.add(client);
  deps.audit({ event: "client.created", clientId: id });
  return { client, secret };
}

function checkName(name: string): void {
  const path = ["name"];
  if (name.trim() === "") throw badInput({ path, code: "REQUIRED", message: "Give the client a name." });
  if ([...name].length > MAX_NAME) {
    throw badInput({ path, code: "TOO_LONG", message: `A name has at most ${MAX_NAME} characters.` });
  }
  // Names are printed to terminals: neither escape sequences nor text that runs backwards.
  if (/\p{Cc}|\p{Cf}|\p{Cs}|\p{Zl}|\p{Zp}/u.test(name)) {
    throw badInput({ path, code: "INVALID_FORMAT", message: "A name has no control characters." });
  }
}
