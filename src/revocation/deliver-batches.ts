import type { FollowLoop } from "./follow-loop.js";
import type { Publication } from "./publication.js";
import type { Batch, ReadBatch } from "./read-batch.js";

/** Sends one batch. Resolves when the reader is ready for the next one, or has left. */
export type Deliver = (batch: Batch) => Promise<void>;

interface DeliverDeps {
  read: ReadBatch;
  loop: FollowLoop;
  publication: Publication;
}

/**
 * Delivers batch after batch until the follower has left. Each batch begins where the previous one ended. Nothing is
 * buffered for a slow follower: what it missed is read again from the database.
 *
 * @param left the caller must abort it in the end, also after an error. Until then the follower is counted.
 * @throws what the first read throws.
 */
export async function deliverBatches(
  deps: DeliverDeps,
  { client, after }: { client: string; after: number },
  left: AbortSignal,
  deliver: Deliver,
): Promise<void> {
  const read = (position: number) => deps.read(position, client);
  let batch = await read(after);
  if (isGone(left)) return;
  // Not after the loop: the follower may leave while `deliver` is still waiting.
  left.addEventListener("abort", deps.loop.join(batch.to));
  for (;;) {
    await deliver(batch);
    const next = await nextBatch({ ...deps, read }, batch.to, left);
    if (!next || isGone(left)) return;
    batch = next;
  }
}

/** A function, because the compiler assumes that a property that was false stays false. */
const isGone = (left: AbortSignal): boolean => left.aborted;

/** The batch that begins at a position: the next one that is published, or one read from the database for a late follower. */
async function nextBatch(
  { read, publication }: Pick<DeliverDeps, "publication"> & { read: (after: number) => Promise<Batch> },
  position: number,
  left: AbortSignal,
): Promise<Batch | null> {
  const latest = publication.latest();
  if (latest?.after === position && latest.to > position) return latest;
  for (;;) {
    const behind = publication.position() > position && !isGone(left);
    // One read serves all followers that missed the same entries. If it fails, wait for the next batch and try again.
    const missed = behind ? await read(position).catch(() => null) : null;
    if (missed) return missed;
    const published = await publication.next(left);
    if (!published || published.after === position) return published;
  }
}
