import { normaliseIdentifier } from "../accounts/normalise-identifier.js";
import { LatchkeyError, unauthenticated } from "../errors/latchkey-error.js";
import type { JwtVerifier } from "../tokens/jwt/verify-jwt.js";
import type { TokenStanding } from "../tokens/token-store.js";
import { checkStanding } from "./load-usable-token.js";
import type { CheckStandingDeps } from "./load-usable-token.js";
import type { Presenter } from "./attempt-source.js";
import type { CredentialReading } from "./read-credential.js";
import { verifyPresented } from "./verify-counted.js";
import type { Viewer } from "./viewer.js";

export interface AuthenticateDeps extends CheckStandingDeps {
  verifier: JwtVerifier;
  /** The one audience whose privilege tokens are a credential here. */
  audience: string;
  used: (tokenKey: string) => void;
  /** The session cookie alone is no credential. */
  sessionRequiresToken: boolean;
}

/** A reading that is not refused outright: at most one credential. */
type PresentedCredential = Exclude<CredentialReading, { kind: "refused" }>;

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
  deps: AuthenticateDeps,
  presented: PresentedCredential,
  presenter: Presenter,
): Promise<Viewer> {
  switch (presented.kind) {
    case "none":
      return ANONYMOUS;
    case "malformed":
      presenter.admit(null);
      presenter.forged(null);
      return { kind: "rejected", reason: "INVALID_CREDENTIAL", detail: `malformed ${presented.mechanism}` };
    case "basic":
      return { kind: "rejected", reason: "INVALID_CREDENTIAL", detail: "Basic only signs in" };
    case "token":
      if (presented.mechanism === "cookie" && deps.sessionRequiresToken) {
        return {
          kind: "rejected",
          reason: "INVALID_CREDENTIAL",
          detail: "the session cookie without its token",
        };
      }
      try {
        return await authenticateToken(deps, presented, presenter);
      } catch (error) {
        if (!(error instanceof LatchkeyError) || error.code !== "UNAUTHENTICATED") throw error;
        return { kind: "rejected", reason: error.reason ?? "INVALID_CREDENTIAL", detail: error.detail };
      }
  }
}

async function authenticateToken(
  deps: AuthenticateDeps,
  presented: Extract<PresentedCredential, { kind: "token" }>,
  presenter: Presenter,
): Promise<Viewer> {
  const jwt = verifyPresented(deps.verifier, presented.token, presenter);
  if (jwt.kind === "privilege" && jwt.aud !== deps.audience) {
    throw unauthenticated("INVALID_CREDENTIAL", "the privilege token is for another audience");
  }
  if (presented.key !== null && presented.key !== jwt.sid) {
    presenter.forged(null);
    throw unauthenticated("INVALID_CREDENTIAL", "the key is another token's");
  }
  const standing = await checkStanding(deps, jwt);
  if (presented.owner !== null && !isNameOf(standing, presented.owner)) {
    presenter.forged(null);
    throw unauthenticated("INVALID_CREDENTIAL", "the token is another user's");
  }
  deps.used(jwt.sid);
  if (jwt.kind === "privilege") return { kind: "subject", standing };
  return { kind: "user", standing, version: jwt.ver, mechanism: presented.mechanism };
}

/** Whether a name is one of the owner's: username, e-mail address or telephone number. */
function isNameOf({ user }: TokenStanding, name: string): boolean {
  if (name.length > MAX_NAME) return false;
  const wanted = normaliseIdentifier(name);
  return [user.username, user.email, user.phone].some(
    (own) => own !== null && normaliseIdentifier(own) === wanted,
  );
}
