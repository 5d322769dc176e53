import type { Client } from "../entities/client.js";
import { unauthenticated } from "../errors/latchkey-error.js";
import { isUuid } from "#wire/is-uuid.js";
import { decodeFormValue } from "../lib/parse-form.js";
import { decodeBase64Utf8 } from "../lib/strict-base64.js";
import type { ClientDeps } from "./client-store.js";
import { secretOfClient } from "./manage-clients.js";

/** What a client presents. Nothing about it is verified yet. */
export interface ClientCredential {
  id: string;
  secret: string;
}

/** Characters; ours have about 160, all of them escaped about 400. */
const MAX_LENGTH = 1024;

/**
 * Reads a client's id and secret from HTTP Basic. Both are form-encoded before
 * they are joined (RFC 6749 section 2.3.1): ours need no escapes, but some libraries escape `-` and `_` too.
 *
 * @param header the Authorization header.
 * @returns null when it is anything else than one well-formed pair.
 */
export function readClientCredential(header: string): ClientCredential | null {
  const [scheme = "", encoded = "", ...rest] = header.length > MAX_LENGTH ? [] : header.split(" ");
  if (scheme.toLowerCase() !== "basic" || rest.length > 0) return null;
  const [id, secret, ...more] = decodeBase64Utf8(encoded)?.split(":").map(decodeFormValue) ?? [];
  return id && secret && more.length === 0 ? { id, secret } : null;
}

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
