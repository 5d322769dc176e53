import type { InvalidTokenLimit } from "../limits/invalid-token-limit.js";
import { isBareCookie, type Authentication } from "./authenticate.js";
import type { Mechanism, Presented } from "./read-credential.js";

/** The services that limit how many invalid tokens one source address presents. */
export interface InvalidTokenLimiting {
  /** Null: nothing is limited. */
  invalidTokenLimit: InvalidTokenLimit | null;
  verifier: Pick<Authentication["verifier"], "knows">;
  config: Pick<Authentication["config"], "sessionRequiresToken">;
}

/** What an attempt with a credential came to, such as a viewer. `neverIssued`: it was no token of ours. */
interface AttemptResult {
  kind: string;
  neverIssued?: boolean;
}

/**
 * Runs an attempt with a credential at an endpoint where anybody may try one, and counts it when the credential is a
 * token that was never issued. Other refused tokens do not count: expired tokens, revoked tokens, and tokens whose key
 * was dropped after they were found good.
 *
 * @param address of the source. It is only asked for when it matters.
 * @throws TOO_MANY_REQUESTS in place of the result when the source has presented too many invalid tokens; and before
 * the attempt when this token is not known to be good and too many others were tried within this second.
 */
export async function limitInvalidTokens<T extends AttemptResult>(
  { invalidTokenLimit: limit, verifier, config }: InvalidTokenLimiting,
  address: () => string,
  presented: { kind: Presented["kind"]; mechanism?: Mechanism; token?: string },
  attempt: () => Promise<T>,
): Promise<T> {
  const { kind, token } = presented;
  const isTried = kind === "malformed" || (kind === "token" && !isBareCookie(presented, config));
  if (!limit || !isTried) return attempt();
  limit.admit(address, () => token !== undefined && verifier.knows(token));
  const result = await attempt();
  if (result.neverIssued === true) limit.count(address);
  return result;
}
