import { randomBytes, randomUUID } from "node:crypto";
import type { Client } from "../entities/client.js";
import { LatchkeyError, badInput } from "../errors/latchkey-error.js";
import { isUuid } from "#wire/is-uuid.js";
import type { ClientDeps } from "./client-store.js";

/** 256 random bits: no slow hash is needed, for there is nothing to guess (ASVS 11.4.1 is about passwords). */
const SECRET_BYTES = 32;

/** Lets scanners of source code and logs know one when they see it. */
const PREFIX = "lkc_";

/** Base64url after the prefix: nothing that a form or a shell would have to escape. */
export function makeClientSecret(): string {
  return `${PREFIX}${randomBytes(SECRET_BYTES).toString("base64url")}`;
}

/** What is hashed: with the id, so that a digest copied to another row opens nothing. */
export function secretOfClient(id: string, secret: string): string {
  return `${id}:${secret}`;
}

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

/**
 * Ends a client for good; every node refuses it from the moment this returns.
 * Revoking a revoked one again changes nothing and answers it.
 *
 * @throws NOT_FOUND
 */
export async function revokeClient(
  deps: Pick<ClientDeps, "store" | "clock" | "audit">,
  id: string,
): Promise<Client> {
  const result = isUuid(id) ? await deps.store.revoke(id, new Date(deps.clock())) : null;
  if (!result) throw new LatchkeyError("NOT_FOUND", { message: "There is no such client." });
  if (result.changed) deps.audit({ event: "client.revoked", clientId: id });
  return result.client;
}
