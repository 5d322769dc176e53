import { normaliseIdentifier } from "../accounts/normalise-identifier.js";
import type { Config } from "../config/config.js";
import { NeverIssuedError, LatchkeyError, unauthenticated } from "../errors/latchkey-error.js";
import type { JwtVerifier } from "../tokens/jwt/verify-jwt.js";
import type { TokenRecord } from "../tokens/token-store.js";
import { loadUsableToken, type TokenLookup } from "./load-usable-token.js";
import type { Mechanism, Presented, TokenReading } from "./read-credential.js";
import type { Viewer } from "./viewer.js";

/** The services that authenticate requests. */
export interface Authentication extends TokenLookup {
  verifier: JwtVerifier;
  config: Pick<Config, "privilege" | "sessionRequiresToken" | "tokens">;
  /** Records that a token was used. */
  used: (tokenKey: string) => void;
}

/** UTF-16 units: more than any name has, and little enough to normalise. */
const MAX_NAME = 512;

const ANONYMOUS: Viewer = { kind: "anonymous" };

/**
 * Turns what a request presents into a viewer. A bad credential is not an
 * error here: the viewer is invalid, and the guarded field answers so.
 *
 * @throws SERVICE_UNAVAILABLE when the row cannot be read: authentication fails closed.
 */
export async function authenticate(services: Authentication, presented: Presented): Promise<Viewer> {
  switch (presented.kind) {
    case "none":
      return ANONYMOUS;
    case "malformed":
      return invalid(`malformed ${presented.mechanism}`, { neverIssued: true });
    case "basic":
      return invalid("Basic only signs in");
    case "token":
      if (isBareCookie(presented, services.config)) return invalid("the session cookie without its token");
      return authenticateToken(services, presented).catch(viewerOf);
  }
}

/** Whether a token is a session cookie that is no credential without the token in a header (SESSION_REQUIRES_TOKEN). */
export function isBareCookie(
  { kind, mechanism }: { kind: Presented["kind"]; mechanism?: Mechanism },
  { sessionRequiresToken }: Pick<Config, "sessionRequiresToken">,
): boolean {
  return sessionRequiresToken && kind === "token" && mechanism === "cookie";
}

const invalid = (detail: string, { neverIssued } = { neverIssued: false }): Viewer => ({
  kind: "invalid",
  reason: "INVALID_CREDENTIAL",
  detail,
  neverIssued,
});

function viewerOf(error: unknown): Viewer {
  if (!(error instanceof LatchkeyError) || error.code !== "UNAUTHENTICATED") throw error;
  const { reason = "INVALID_CREDENTIAL", detail } = error;
  return { kind: "invalid", reason, detail, neverIssued: error instanceof NeverIssuedError };
}

async function authenticateToken(services: Authentication, presented: TokenReading): Promise<Viewer> {
  const { mechanism, owner, key } = presented;
  const jwt = services.verifier.verify(presented.token);
  // Only privilege tokens of the default audience are a credential at the gateway itself.
  if (jwt.kind === "privilege" && jwt.aud !== services.config.privilege.audiences[0]) {
    throw unauthenticated("INVALID_CREDENTIAL", "the privilege token is for another audience");
  }
  // A good token with another token's key, or another user's name, is a pair that was never issued.
  if (key !== null && key !== jwt.sid) throw new NeverIssuedError("the key is another token's");
  const record = await loadUsableToken(services, jwt);
  if (owner !== null && !isNameOf(record, owner)) throw new NeverIssuedError("the token is another user's");
  services.used(jwt.sid);
  if (jwt.kind === "privilege") return { kind: "delegated", record, mechanism };
  return { kind: "user", record, version: jwt.ver, mechanism };
}

/** Whether a name is one of the owner's: username, e-mail address or telephone number. */
function isNameOf({ user }: TokenRecord, name: string): boolean {
  if (name.length > MAX_NAME) return false;
  const wanted = normaliseIdentifier(name);
  return [user.username, user.email, user.phone].some(
    (own) => own !== null && normaliseIdentifier(own) === wanted,
  );
}
