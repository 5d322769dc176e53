import type { FollowLoop } from "./follow-loop.js";
import type { Publication } from "./publication.js";
import type { Batch, ReadBatch } from "./read-batch.js";

/** Takes one batch; resolves when the reader is ready for the next, or gone. */
export type Deliver = (batch: Batch) => Promise<void>;

interface DeliverDeps {
  read: ReadBatch;
  loop: FollowLoop;
  publication: Publication;
}

/**
 * Delivers batch after batch, each beginning where the one before ended, until the follower has left. Nothing
 * is kept for one that is slow: what it misses is read for it again.
 *
 * @param left must be aborted in the end, whatever happens: until then the follower counts.
 * @throws what the first reading throws.
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
  // Not at the end of the loop below: a reader that is stuck may have left.
  left.addEventListener("abort", deps.loop.join(batch.to));
  for (;;) {
    await deliver(batch);
    const next = await nextBatch({ ...deps, read }, batch.to, left);
    if (!next || isGone(left)) return;
    batch = next;
  }
}

/** A function, since the compiler believes that the answer of a property stays. */
const isGone = (left: AbortSignal): boolean => left.aborted;

/** The batch that begins at a position: the one that is published next, or what was missed meanwhile. */
async function nextBatch(
  { read, publication }: Pick<DeliverDeps, "publication"> & { read: (after: number) => Promise<Batch> },
  position: number,
  left: AbortSignal,
): Promise<Batch | null> {
  const latest = publication.latest();
  if (latest?.after === position && latest.to > position) return latest;
  for (;;) {
    const behind = publication.position() > position && !isGone(left);
    // Shared with all who have missed the same. When it cannot be read, there is nothing to tell either.
    const missed = behind ? await read(position).catch(() => null) : null;
    if (missed) return missed;
    const published = await publication.next(left);
    if (!published || published.after === position) return published;
  }
}
