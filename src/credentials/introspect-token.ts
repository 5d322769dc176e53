import type { Config } from "../config/config.js";
import { LatchkeyError } from "../errors/latchkey-error.js";
import { PRIVILEGE_TYP, USER_TYP, type VerifiedJwt } from "#wire/check-claims.js";
import type { JwtVerifier } from "../tokens/jwt/verify-jwt.js";
import { effectiveScopes } from "../tokens/scopes.js";
import type { TokenRecord } from "../tokens/token-store.js";
import { loadUsableToken, type TokenLookup } from "./load-usable-token.js";

/** The services that introspect tokens. */
export interface TokenIntrospection extends TokenLookup {
  config: Pick<Config, "issuer"> & TokenLookup["config"];
  verifier: Pick<JwtVerifier, "verify">;
  /** Records that a token was used. */
  used: (tokenKey: string) => void;
}

/** An answer of RFC 7662 section 2.2; times are seconds. The same for every client that asks. */
export type Introspection =
  | { active: false }
  | {
      active: true;
      iss: string;
      aud: string;
      sub: string;
      sid: string;
      username: string;
      role: string;
      scope: string;
      iat: number;
      exp?: number;
      token_type: "Bearer";
      /** Which of the two kinds it is: the `typ` of its header. */
      typ: string;
    };

/**
 * Says what a token is good for now: what it is comes from the JWT, what it may do from its row.
 * Of a token that is good for nothing it says nothing, not even why.
 *
 * @throws SERVICE_UNAVAILABLE when the row cannot be checked.
 */
export async function introspectToken(services: TokenIntrospection, token: string): Promise<Introspection> {
  try {
    const jwt = services.verifier.verify(token);
    const record = await loadUsableToken(services, jwt);
    services.used(jwt.sid);
    return describe(services.config.issuer, jwt, record);
  } catch (error) {
    if (error instanceof LatchkeyError && error.code === "UNAUTHENTICATED") return { active: false };
    throw error;
  }
}

function describe(issuer: string, jwt: VerifiedJwt, { token, user }: TokenRecord): Introspection {
  // The row may end the token before its JWT ends, and never after it.
  const exp = Math.min(
    jwt.exp ?? Infinity,
    Math.floor((token.expirationTime?.getTime() ?? Infinity) / 1_000),
  );
  return {
    active: true,
    iss: issuer,
    aud: jwt.kind === "user" ? issuer : jwt.aud,
    sub: jwt.sub,
    sid: jwt.sid,
    username: user.username,
    role: user.role,
    scope: effectiveScopes(token.scopes, user.role).join(" "),
    iat: jwt.iat,
    ...(exp === Infinity ? {} : { exp }),
    token_type: "Bearer",
    typ: jwt.kind === "user" ? USER_TYP : PRIVILEGE_TYP,
  };
}
