import { normaliseIdentifier } from "../accounts/normalise-identifier.js";
import type { Config } from "../config/config.js";
import { LatchkeyError, unauthenticated } from "../errors/latchkey-error.js";
import type { JwtVerifier } from "../tokens/jwt/verify-jwt.js";
import type { TokenRecord } from "../tokens/token-store.js";
import { loadUsableToken, type TokenLookup } from "./load-usable-token.js";
import type { AttemptSource } from "./attempt-source.js";
import type { CredentialReading } from "./read-credential.js";
import { verifyCounted } from "./verify-counted.js";
import type { Viewer } from "./viewer.js";

/** The services that authenticate requests. */
export interface Authentication extends TokenLookup {
  verifier: JwtVerifier;
  config: Pick<Config, "privilege" | "sessionRequiresToken" | "tokens">;
  /** Records that a token was used. */
  used: (tokenKey: string) => void;
}

/** A reading that is not refused outright: at most one credential. */
type PresentedCredential = Exclude<CredentialReading, { kind: "ambiguous" }>;

/** UTF-16 units: more than any name has, and little enough to normalise. */
const MAX_NAME = 512;

const ANONYMOUS: Viewer = { kind: "anonymous" };

/**
 * Turns what a request presents into a viewer. A bad credential is not an
 * error here: the viewer is rejected, and it is the guarded field that answers so.
 *
 * @throws SERVICE_UNAVAILABLE when the row cannot be checked: that fails closed; TOO_MANY_REQUESTS when the
 * presenter's forgeries are counted, and were too many.
 */
export async function authenticate(
  services: Authentication,
  presented: PresentedCredential,
  source: AttemptSource,
): Promise<Viewer> {
  switch (presented.kind) {
    case "none":
      return ANONYMOUS;
    case "malformed":
      source.admit(null);
      source.countInvalid(null);
      return { kind: "invalid", reason: "INVALID_CREDENTIAL", detail: `malformed ${presented.mechanism}` };
    case "basic":
      return { kind: "invalid", reason: "INVALID_CREDENTIAL", detail: "Basic only signs in" };
    case "token":
      if (presented.mechanism === "cookie" && services.config.sessionRequiresToken) {
        return {
          kind: "invalid",
          reason: "INVALID_CREDENTIAL",
          detail: "the session cookie without its token",
        };
      }
      try {
        return await authenticateToken(services, presented, source);
      } catch (error) {
        if (!(error instanceof LatchkeyError) || error.code !== "UNAUTHENTICATED") throw error;
        return { kind: "invalid", reason: error.reason ?? "INVALID_CREDENTIAL", detail: error.detail };
      }
  }
}

async function authenticateToken(
  services: Authentication,
  presented: Extract<PresentedCredential, { kind: "token" }>,
  source: AttemptSource,
): Promise<Viewer> {
  const jwt = verifyCounted(services.verifier, presented.token, source);
  // Only privilege tokens of the default audience are a credential at the gateway itself.
  if (jwt.kind === "privilege" && jwt.aud !== services.config.privilege.audiences[0]) {
    throw unauthenticated("INVALID_CREDENTIAL", "the privilege token is for another audience");
  }
  if (presented.key !== null && presented.key !== jwt.sid) {
    source.countInvalid(null);
    throw unauthenticated("INVALID_CREDENTIAL", "the key is another token's");
  }
  const record = await loadUsableToken(services, jwt);
  if (presented.owner !== null && !isNameOf(record, presented.owner)) {
    source.countInvalid(null);
    throw unauthenticated("INVALID_CREDENTIAL", "the token is another user's");
  }
  services.used(jwt.sid);
  if (jwt.kind === "privilege") return { kind: "delegated", record };
  return { kind: "user", record, version: jwt.ver, mechanism: presented.mechanism };
}

/** Whether a name is one of the owner's: username, e-mail address or telephone number. */
function isNameOf({ user }: TokenRecord, name: string): boolean {
  if (name.length > MAX_NAME) return false;
  const wanted = normaliseIdentifier(name);
  return [user.username, user.email, user.phone].some(
    (own) => own !== null && normaliseIdentifier(own) === wanted,
  );
}
