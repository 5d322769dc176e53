import type { IncomingMessage } from "node:http";
import { setImmediate } from "node:timers/promises";
import type { Clock } from "#wire/clock.js";
import { createEventStream } from "./event-stream.js";
import type { FeedState } from "./feed-state.js";
import { readBodyText, type GatewayClient } from "./gateway-client.js";
import { GatewayError } from "./gateway-error.js";
import type { VerifierSettings } from "./options.js";
import { retryDelay, createPause } from "./pause.js";

/** Keeps a feed state up to date. */
export interface FeedFollower {
  /** Follows the feed until `close`, then resolves. */
  run(): Promise<void>;
  close(): void;
  transport(): "sse" | "poll";
}

export interface FollowDeps {
  gateway: GatewayClient;
  state: FeedState;
  settings: Pick<VerifierSettings, "feed" | "maxStaleness">;
  monotonic: Clock;
  /** Called when the feed has been read to its end. */
  onFollowing(): void;
  /** Called for each failure. */
  onProblem(problem: unknown): void;
}

const PATH = "/revocations";
const NO_CACHE = { "cache-control": "no-cache" };
/** Characters of a batch. A thousand entries of the longest kind take a fifth of it. */
const MAX_BATCH = 1024 * 1024;
/** The gateway sends a batch every 500 ms. After two missing ones the verifier closes the connection. */
const LEAST_SILENCE_MS = 1_000;
const POLL_MS = 500;
const LONGEST_BACKOFF_MS = 2_000;
/** How long the verifier polls after events did not arrive, before it tries events again. */
const POLL_FOR_MS = 60_000;

/** Milliseconds of silence after which a connection is closed. The gateway may have vanished without closing it. */
const silenceOf = ({ settings }: FollowDeps): number => Math.max(LEAST_SILENCE_MS, settings.maxStaleness / 2);

/** The gateway's database was restored from a backup, so positions have another meaning. */
function beginAnew(state: FeedState): never {
  state.restart();
  throw new GatewayError(`${PATH}: the feed is behind what was read of it, and is read from its beginning`);
}

/** Applies a batch. Between the batches of a long backlog it lets the process do other work. */
async function take({ state, monotonic, onFollowing }: FollowDeps, jws: string): Promise<boolean> {
  const more = state.accept(jws);
  if (more) await setImmediate();
  else if (state.isFresh(monotonic())) onFollowing();
  return more;
}

/** Reads events until the connection ends. */
async function readEvents(deps: FollowDeps, response: IncomingMessage, touch: () => void): Promise<void> {
  if (response.statusCode === 409) beginAnew(deps.state);
  if (!response.headers["content-type"]?.startsWith("text/event-stream"))
    throw new GatewayError(`${PATH}: the answer is not an event stream`);
  const events = createEventStream("batch", MAX_BATCH);
  // Everything that matters in the stream is ASCII: one byte is one character.
  for await (const part of response.setEncoding("latin1") as AsyncIterable<string>) {
    for (const jws of events.push(part)) {
      await take(deps, jws);
      touch();
    }
  }
  throw new GatewayError(`${PATH}: the gateway has ended the connection`);
}

/** Follows the events of one connection. It always ends by throwing. A status of 200 calls `onAnswer`. */
async function stream(deps: FollowDeps, onAnswer: () => void): Promise<void> {
  const headers = { accept: "text/event-stream", "last-event-id": deps.state.position(), ...NO_CACHE };
  const request = { path: PATH, headers, signedIn: true, deadline: silenceOf(deps), statuses: [200, 409] };
  await deps.gateway.exchange(request, (response, touch) => {
    if (response.statusCode === 200) onAnswer();
    return readEvents(deps, response, touch);
  });
}

/** Requests one batch. Returns whether the next one is available at once. */
async function poll(deps: FollowDeps): Promise<boolean> {
  const path = `${PATH}?after=${deps.state.position()}`;
  const headers = { accept: "application/json", ...NO_CACHE };
  const request = { path, headers, signedIn: true, deadline: silenceOf(deps), statuses: [200, 409] };
  return deps.gateway.exchange(request, async (response) => {
    if (response.statusCode === 409) beginAnew(deps.state);
    return take(deps, readPage(await readBodyText(response, MAX_BATCH)));
  });
}

/** @throws GatewayError when this is not a page of the feed. */
function readPage(body: string): string {
  try {
    const { batch } = JSON.parse(body) as { batch?: unknown };
    if (typeof batch === "string") return batch;
  } catch {
    // Reported below.
  }
  throw new GatewayError(`${PATH}: the answer is not a page of the feed`);
}

/**
 * Creates a follower of the feed. It reads events, which arrive within milliseconds, or polls. A bad batch ends the
 * connection. The next connection resumes at the last good position, so no batch is skipped.
 */
export function createFeedFollower(deps: FollowDeps): FeedFollower {
  const { settings, state, monotonic, onProblem } = deps;
  const pause = createPause();
  let pollUntil = settings.feed === "poll" ? Infinity : -Infinity;

  async function pollOn(): Promise<void> {
    while (!pause.ended() && monotonic() < pollUntil) {
      if (!(await poll(deps))) await pause.wait(Math.min(POLL_MS, settings.maxStaleness / 4));
    }
  }

  async function streamOn(): Promise<void> {
    const before = state.batches();
    const attempt = { answered: false };
    try {
      await stream(deps, () => (attempt.answered = true));
    } catch (error) {
      const kept = attempt.answered && state.batches() === before;
      if (kept && settings.feed === "auto") pollUntil = monotonic() + POLL_FOR_MS;
      throw error;
    }
  }

  return {
    async run() {
      for (let failures = 0; !pause.ended();) {
        const before = state.batches();
        const polling = monotonic() < pollUntil;
        try {
          await (polling ? pollOn() : streamOn());
          failures = 0;
        } catch (error) {
          if (polling && settings.feed === "auto") pollUntil = -Infinity;
          failures = state.batches() > before ? 1 : failures + 1;
          if (!pause.ended()) {
            onProblem(error);
            await pause.wait(retryDelay(failures, LONGEST_BACKOFF_MS));
          }
        }
      }
    },
    close: () => pause.end(),
    transport: () => (monotonic() < pollUntil ? "poll" : "sse"),
  };
}
