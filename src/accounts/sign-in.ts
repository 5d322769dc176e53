import { LatchkeyError, unauthenticated } from "../errors/latchkey-error.js";
import type { Attempt } from "../limits/throttle.js";
import { notBefore } from "../revocation/issued-after.js";
import { newToken, type RequestOrigin } from "../tokens/new-token.js";
import { grantScopes, scopesOfRole } from "../tokens/scopes.js";
import { checkExpiration, checkNote } from "../tokens/token-values.js";
import type { AccountDeps, UserWithPassword } from "./account-store.js";
import { admitLogin } from "./admit.js";
import { lookUpOrder } from "./normalise-identifier.js";
import type { SignedIn } from "./register.js";

/** Longer than any identifier or password that exists: not worth a look-up, but worth the same work. */
const MAX_USERID = 512;

export interface SignInRequest {
  /** Username, e-mail address or telephone number. */
  userid: string;
  password: string;
  note?: string | null;
  expirationTime?: Date | null;
  scopes?: string[] | null;
  clientFingerprint?: string | null;
  /** The token ends even where tokens are set never to. */
  mustExpire?: boolean;
  /** An unknown user is told from a wrong password, for clients that were promised so. */
  tellUnknown?: boolean;
}

/** The lifetime of a token that must expire, where none is set. */
const FALLBACK_LIFETIME_MS = 30 * 24 * 3_600_000;

/**
 * Signs a user in: a new token, the older ones stay. When the account holds
 * the most live tokens allowed, the login tokens used longest ago end.
 *
 * An unknown user, a wrong password and a disabled account are one answer after the
 * same work (OWASP ASVS 6.3.8). What depends on the account, the scopes, is judged
 * after the password: a fault in them tells nothing of the account to a stranger.
 *
 * An attempt counts as a failure before its password is looked at, until it was right: guesses made at once are no
 * way round the limits, and one too many costs no hash.
 *
 * @throws TOO_MANY_REQUESTS; UNAUTHENTICATED with BAD_LOGIN; NOT_FOUND for an unknown user if `tellUnknown`; BAD_USER_INPUT for a bad
 * note, expiry or scope; SERVICE_UNAVAILABLE when too many passwords wait to be verified.
 */
export async function signIn(
  deps: AccountDeps,
  request: SignInRequest,
  from: RequestOrigin,
): Promise<SignedIn> {
  const note = checkNote(request.note);
  expirationOf(deps, request);
  const identifiers = identifiersOf(request.userid);
  const attempt = await admitLogin(deps, identifiers, from);
  const values = { ...request, note, identifiers, attempt };
  // Another sign-in that renewed the hash meanwhile makes the first try void: the second finds the new hash.
  const signedIn = (await trySignIn(deps, values, from)) ?? (await trySignIn(deps, values, from));
  if (!signedIn) throw failed(deps, from, undefined);
  return signedIn;
}

interface AdmittedRequest extends SignInRequest {
  /** What `userid` may name; none for what nobody is called. */
  identifiers: readonly string[];
  attempt: Attempt;
}

const identifiersOf = (userid: string): readonly string[] =>
  userid.length <= MAX_USERID ? lookUpOrder(userid) : [];

/** Null when the account was disabled or its password hash changed while the password was verified. */
async function trySignIn(
  deps: AccountDeps,
  request: AdmittedRequest,
  from: RequestOrigin,
): Promise<SignedIn | null> {
  const { user, rehash } = await verifyLogin(deps, request, from);
  const now = deps.clock();
  const expirationTime = expirationOf(deps, request);
  const scopes = grantScopes(request.scopes, scopesOfRole(user.role));
  const { clientFingerprint } = request;
  const clientFingerprintHash = clientFingerprint == null ? null : deps.fingerprints.hash(clientFingerprint);
  const values = {
    userId: user.id,
    origin: "login",
    note: request.note,
    scopes,
    expirationTime,
    clientFingerprintHash,
  } as const;
  const token = newToken(values, from, new Date(notBefore(now, user.tokensValidFrom)));
  const { maxLivePerUser: maxLive } = deps.limits;
  const signedIn = await deps.store.signIn({ token, maxLive, rehash, verifiedHash: user.passwordHash });
  if (!signedIn) return null;
  for (const tokenKey of signedIn.ended) deps.audit({ event: "token.evicted", userId: user.id, tokenKey });
  const client = clientFingerprintHash === null ? {} : { clientFingerprint: clientFingerprintHash };
  deps.audit({ event: "login.succeeded", userId: user.id, tokenKey: token.key, ip: from.ip, ...client });
  return {
    token: await deps.sign(token, user),
    userToken: token,
    user: { ...user, lastLoginTime: token.creationTime },
  };
}

function expirationOf(
  { clock, limits }: AccountDeps,
  { expirationTime, mustExpire }: SignInRequest,
): Date | null {
  const lifetimeMs = limits.lifetimeMs ?? (mustExpire ? FALLBACK_LIFETIME_MS : null);
  return checkExpiration(expirationTime, clock(), lifetimeMs);
}

async function verifyLogin(
  deps: AccountDeps,
  request: AdmittedRequest,
  from: RequestOrigin,
): Promise<{ user: UserWithPassword; rehash: string | null }> {
  const { attempt, tellUnknown } = request;
  const { known, ok, rehash } = await judge(deps, request).catch(async (error: unknown) => {
    // Nothing was judged. The first error is the one worth telling.
    await attempt.withdraw().catch(() => undefined);
    throw error;
  });
  if (!known || !ok || !known.enabled) {
    const refusal = failed(deps, from, known?.id);
    throw !known && tellUnknown
      ? new LatchkeyError("NOT_FOUND", { message: "There is no such user." })
      : refusal;
  }
  await attempt.passed();
  return { user: known, rehash };
}

async function judge({ store, passwords }: AccountDeps, { identifiers, password }: AdmittedRequest) {
  const known = identifiers.length === 0 ? null : await store.findByIdentifier(identifiers);
  return { known, ...(await passwords.verify(password, known?.passwordHash ?? null)) };
}

function failed(deps: AccountDeps, from: RequestOrigin, userId: string | undefined): Error {
  deps.audit({ event: "login.failed", userId, ip: from.ip });
  return unauthenticated("BAD_LOGIN");
}
