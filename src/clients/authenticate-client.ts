import type { Client } from "../entities/client.js";
import { unauthenticated } from "../errors/latchkey-error.js";
import { isUuid } from "#wire/is-uuid.js";
import type { ClientDeps } from "./client-deps.js";
import { secretOfClient } from "./client-secret.js";
import { readClientCredential } from "./read-client-credential.js";

export interface AuthenticateClientDeps extends Pick<
  ClientDeps,
  "store" | "lookup" | "secrets" | "audit" | "log"
> {
  /** Notes a use; costs no I/O. */
  used: (id: string) => void;
}

/**
 * Tells which client sent a request, by HTTP Basic with its id and secret. The
 * row is read after the call, so a client that was revoked anywhere before is refused.
 *
 * @param authorization the request's only Authorization header.
 * @throws UNAUTHENTICATED with NO_CREDENTIAL or INVALID_CREDENTIAL; SERVICE_UNAVAILABLE when the row cannot be read.
 */
export async function authenticateClient(
  deps: AuthenticateClientDeps,
  authorization: string | undefined,
): Promise<Client> {
  if (authorization === undefined) throw unauthenticated("NO_CREDENTIAL");
  const presented = readClientCredential(authorization);
  if (!presented) throw unauthenticated("INVALID_CREDENTIAL", "not a client's id and secret");
  const { id } = presented;
  const client = isUuid(id) ? await deps.lookup(id) : undefined;
  if (!client) throw unauthenticated("INVALID_CREDENTIAL", "no such client");
  const text = secretOfClient(id, presented.secret);
  const fault = !deps.secrets.matches(text, client.secretHash)
    ? "a wrong secret"
    : client.revocationTime && "revoked";
  if (fault) {
    deps.audit({ event: "client.refused", clientId: id, fault });
    throw unauthenticated("INVALID_CREDENTIAL", `the client: ${fault}`);
  }
  deps.used(id);
  await renewSecretHash(deps, client, text);
  return client;
}

/**
 * Whether a client that was authenticated before may go on: what a connection
 * that stays open asks from time to time. One shared look-up, and no secret.
 *
 * @throws SERVICE_UNAVAILABLE when the row cannot be read.
 */
export async function isClientActive(deps: Pick<ClientDeps, "lookup">, id: string): Promise<boolean> {
  const client = await deps.lookup(id);
  return client !== undefined && client.revocationTime === null;
}

/** After LATCHKEY_SECRET was replaced: the earlier one is needed no longer once every client has called. */
async function renewSecretHash(
  { store, secrets, log }: AuthenticateClientDeps,
  { id, secretHash }: Client,
  text: string,
): Promise<void> {
  if (!secrets.isOutdated(secretHash)) return;
  try {
    await store.replaceSecretHash(id, secretHash, secrets.hash(text));
  } catch (error) {
    // Tried again at the next use; until then the earlier secret still tells.
    log.warn({ err: error, clientId: id }, "a client's secret was not hashed anew");
  }
}
