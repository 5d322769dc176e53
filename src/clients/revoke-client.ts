import type { Client } from "../entities/client.js";
import { LatchkeyError } from "../errors/latchkey-error.js";
import { isUuid } from "#wire/is-uuid.js";
import type { ClientDeps } from "./client-deps.js";

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
