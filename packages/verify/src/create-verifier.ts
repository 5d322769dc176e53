import { monotonicClock } from "#wire/clock.js";
import { createFeedState } from "./feed-state.js";
import { createFeedFollower } from "./follow-feed.js";
import { createGatewayClient } from "./gateway-client.js";
import { GatewayError } from "./gateway-error.js";
import { createIntrospection } from "./introspect.js";
import { createKeySet } from "./key-set.js";
import { createJwsOpener } from "./open-jws.js";
import {
  readOptions,
  type PrivilegeOptions,
  type UserOptions,
  type VerifierOptions,
  type VerifierSettings,
} from "./options.js";
import { readToken, type Credential } from "./read-token.js";
import { createReadiness } from "./readiness.js";
import { createTokenCache } from "./token-cache.js";
import { createSourceHealth } from "./source-health.js";
import {
  REFUSALS,
  refuse,
  type PrivilegeViewer,
  type Refusal,
  type RefusalCode,
  type UserViewer,
  type Verification,
} from "./verification.js";
import type { Verifier, VerifierStats } from "./verifier.js";
import type { VerifiedToken } from "./verify-token.js";

type AnyViewer = PrivilegeViewer | UserViewer;

/**
 * Milliseconds between two refreshes of the keys when a batch of the feed names an unknown key. This is shorter than
 * for tokens: anyone can send a token with an unknown key, but batches come from the gateway. A new key may also mean
 * that an earlier one was dropped.
 */
const FEED_KEY_MS = 500;

/** Creates the parts of a verifier and connects them. */
function build(settings: VerifierSettings) {
  const sources = {
    keys: createSourceHealth("keys", settings.log),
    feed: createSourceHealth("feed", settings.log),
  };
  const gateway = createGatewayClient(settings);
  const monotonic = monotonicClock;
  const keys = createKeySet({
    gateway,
    monotonic,
    interval: settings.keyRefresh,
    onProblem: sources.keys.report,
    onRead: sources.keys.clear,
  });
  const open = createJwsOpener((kid) => keys.get(kid));
  const memory = createTokenCache({ open, settings, onUnknownKey: () => keys.requestRefresh() });
  const state = createFeedState({
    open,
    settings,
    monotonic,
    onUnknownKey: () => keys.requestRefresh(FEED_KEY_MS),
  });
  const readiness = createReadiness(() => readinessFault({ keys, state }) === undefined);
  const follower = createFeedFollower({
    gateway,
    state,
    settings,
    monotonic,
    onProblem: sources.feed.report,
    onFollowing() {
      sources.feed.clear();
      readiness.look();
    },
  });
  return { sources, gateway, keys, memory, state, readiness, follower };
}

type Parts = ReturnType<typeof build>;

const accept = ({ viewer }: VerifiedToken): Verification<AnyViewer> => ({ ok: true, viewer });

/** Refusals whose cause is the verifier and not the token. */
const NOT_UP_TO_DATE: ReadonlySet<RefusalCode> = new Set(["NOT_READY", "KEYS_STALE", "FEED_STALE"]);

/** The reason why no token can be accepted at the moment; undefined when the verifier is ready. */
function readinessFault({ keys, state }: Pick<Parts, "keys" | "state">): Refusal | undefined {
  const now = monotonicClock();
  const freshness = keys.freshness(now);
  if (freshness === "none") return refuse("NOT_READY");
  if (freshness === "stale") return refuse("KEYS_STALE");
  return state.isFresh(now) ? undefined : refuse("FEED_STALE");
}

/** Verifies the token itself: signature, claims and times. Revocations are checked later. */
function inspect(
  { keys, memory }: Parts,
  credential: Credential | null,
  now: number,
): VerifiedToken | Refusal {
  const token = readToken(credential);
  if (typeof token !== "string") return token;
  return keys.size() === 0 ? refuse("NOT_READY") : memory.check(token, now);
}

function problemsOf({ sources }: Parts): string[] {
  return [sources.keys.current(), sources.feed.current()].filter((problem) => problem !== null);
}

function statsOf(parts: Parts, accepted: number, refused: Record<RefusalCode, number>): VerifierStats {
  const { keys, state, follower, memory, sources } = parts;
  return {
    ready: readinessFault(parts) === undefined,
    keys: keys.size(),
    keyRequests: keys.requests(),
    position: state.position(),
    age: state.age(),
    batches: state.batches(),
    transport: follower.transport(),
    revocations: state.revocations().size(),
    revocationBytes: state.revocations().bytes(),
    cachedTokens: memory.size(),
    accepted,
    refused: { ...refused },
    problems: { keys: sources.keys.current(), feed: sources.feed.current() },
  };
}

/**
 * Starts a verifier. In the background it reads the issuer's keys and follows the revocation feed, and it verifies
 * tokens from memory. It refuses every token until it has read both, and whenever either is out of date.
 *
 * @throws TypeError that names the invalid option.
 */
export function createVerifier(options: UserOptions): Verifier<UserViewer>;
export function createVerifier(options: PrivilegeOptions): Verifier;
export function createVerifier(options: VerifierOptions): Verifier<AnyViewer> {
  const settings = readOptions(options);
  const parts = build(settings);
  const introspection = createIntrospection(parts.gateway);
  const codes = Object.keys(REFUSALS) as RefusalCode[];
  const refused = Object.fromEntries(codes.map((code) => [code, 0])) as Record<RefusalCode, number>;
  let accepted = 0;
  const following = parts.keys.start().then(() => parts.follower.run());

  function count(verification: Verification<AnyViewer>): Verification<AnyViewer> {
    if (verification.ok) accepted += 1;
    else refused[verification.code] += 1;
    return verification;
  }

  function decide(token: VerifiedToken | Refusal, now: number): Verification<AnyViewer> {
    if ("code" in token) return token;
    const fault = readinessFault(parts);
    if (fault) return fault;
    const verdict = parts.state.judge(token, now);
    return verdict === null ? accept(token) : refuse(verdict);
  }

  async function ask(token: VerifiedToken, otherwise: Refusal): Promise<Verification<AnyViewer>> {
    try {
      const confirmed = await introspection.confirms(token.text, token.viewer);
      return confirmed ? accept(token) : refuse("TOKEN_REVOKED", "the gateway does not confirm it");
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      return refuse(otherwise.code, error.message);
    }
  }

  return {
    verify(credential) {
      const now = settings.clock();
      return count(decide(inspect(parts, credential, now), now));
    },
    async verifyOnline(credential) {
      const now = settings.clock();
      const token = inspect(parts, credential, now);
      const found = decide(token, now);
      if ("code" in token || found.ok || settings.onStale === "refuse" || !NOT_UP_TO_DATE.has(found.code))
        return count(found);
      return count(await ask(token, found));
    },
    ready: (timeout = 10_000) => parts.readiness.wait(timeout, () => problemsOf(parts)),
    async close() {
      parts.keys.close();
      parts.follower.close();
      parts.gateway.close();
      parts.memory.clear();
      parts.readiness.close();
      await following;
    },
    stats: () => statsOf(parts, accepted, refused),
  };
}
