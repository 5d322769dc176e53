import type { ServiceClient } from "./service-client.js";
import { createRemoteJWKSet, jwtVerify } from "jose";
import type { RunningGateway } from "./gateway.js";

/** One entry of the revocation feed, as the format has it. */
export interface FeedEntry {
  kind: string;
  sid?: string;
  sub?: string;
  at?: number;
  from?: number;
  before?: number;
  ver?: number;
  exp: number | null;
}

/** The verified payload of a batch. */
export interface FeedBatch {
  iss: string;
  iat: number;
  v: number;
  after: string;
  to: string;
  more: boolean;
  entries: FeedEntry[];
}

const keySets = new Map<string, ReturnType<typeof createRemoteJWKSet>>();

/** Verifies a batch as a verifier does: by the published keys, its type, its issuer. */
export async function openBatch(url: string, jws: string): Promise<FeedBatch> {
  const keys = keySets.get(url) ?? createRemoteJWKSet(new URL(`${url}/.well-known/jwks.json`));
  keySets.set(url, keys);
  const { payload } = await jwtVerify(jws, keys, { typ: "revocations+jwt", issuer: "http://localhost:4000" });
  return payload as unknown as FeedBatch;
}

/** The feed as one gateway serves it to a client. */
export function feedOf(
  { url }: Pick<RunningGateway, "url">,
  { headers: credential }: Pick<ServiceClient, "headers">,
) {
  /** Asks for a page; `query` with its question mark. */
  const ask = (query = "", headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}/revocations${query}`, { headers: { ...credential, ...headers } });

  /** The batch after a position, over JSON. */
  async function page(after = "0"): Promise<FeedBatch> {
    const response = await ask(`?after=${after}`);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`no page: ${response.status} ${text}`);
    return openBatch(url, (JSON.parse(text) as { batch: string }).batch);
  }

  /** Every entry after a position, page by page, and where the feed is then. */
  async function all(after = "0"): Promise<{ entries: FeedEntry[]; to: string }> {
    const entries: FeedEntry[] = [];
    for (let to = after; ;) {
      const batch = await page(to);
      entries.push(...batch.entries);
      to = batch.to;
      if (!batch.more) return { entries, to };
    }
  }

  return {
    ask,
    page,
    all,
    /** Where the feed is now. */
    head: async () => (await all()).to,
    /** Follows the stream from a position on; throws when it is refused. */
    follow: async (options: { after?: string; lastEventId?: string } = {}): Promise<Follower> => {
      const { after, lastEventId } = options;
      const aborter = new AbortController();
      const headers: Record<string, string> = { accept: "text/event-stream", ...credential };
      if (lastEventId !== undefined) headers["last-event-id"] = lastEventId;
      const query = after === undefined ? "" : `?after=${after}`;
      const response = await fetch(`${url}/revocations${query}`, { headers, signal: aborter.signal });
      if (response.status !== 200) throw new Error(`refused: ${response.status} ${await response.text()}`);
      return followerOf(url, response, () => {
        aborter.abort();
      });
    },
  };
}

export type Feed = ReturnType<typeof feedOf>;

/** Somebody who follows the stream. */
export interface Follower {
  response: Response;
  /** All batches so far, verified, in order of arrival. */
  batches: FeedBatch[];
  /** The `id` of the last event. */
  lastId(): string;
  /** All entries so far. */
  entries(): FeedEntry[];
  /** Resolves when something holds, which is looked at after every batch. */
  until(holds: () => boolean): Promise<void>;
  /** Resolves when the stream has ended, by whichever side. */
  ended: Promise<void>;
  leave(): void;
}

function followerOf(url: string, response: Response, leave: () => void): Follower {
  const batches: FeedBatch[] = [];
  const watchers = new Set<() => void>();
  let lastId = "";
  const read = async () => {
    for await (const { id, event, data } of eventsOf(response)) {
      if (event !== "batch") throw new Error(`an unknown event: ${event}`);
      batches.push(await openBatch(url, data));
      lastId = id;
      for (const look of [...watchers]) look();
    }
  };
  const ended = read().catch((error: unknown) => {
    const { name, message } = error as Error;
    if (name !== "AbortError" && message !== "terminated") throw error;
  });
  const until = (holds: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!holds()) return;
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
      ended.then(() => {
        reject(new Error("the stream ended"));
      }, reject);
    });
  const entries = () => batches.flatMap((batch) => batch.entries);
  return { response, batches, lastId: () => lastId, entries, until, ended, leave };
}

/** The events of a stream (HTML standard, server-sent events), as far as this feed uses them. */
async function* eventsOf(response: Response) {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body!) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      yield { id: field("id") ?? "", event: field("event") ?? "", data: field("data") ?? "" };
    }
  }
}
