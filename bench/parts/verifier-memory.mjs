/** Prints what a verifier's memory is before and after it has read the feed at FEED_URL. Needs --expose-gc. */
import { createVerifier } from "@latchkey/verify";

/** The smallest of a few: what is garbage goes in several steps. */
async function settled() {
  let least = Infinity;
  for (let round = 0; round < 5; round++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { heapUsed, external } = process.memoryUsage();
    least = Math.min(least, heapUsed + external);
  }
  return { used: least, rss: process.memoryUsage().rss };
}

const before = await settled();
const verifier = createVerifier({
  issuer: process.env.FEED_URL,
  audience: "supergraph",
  client: { id: "bench", secret: "bench" },
  maxStaleness: 60_000,
});
const begin = performance.now();
await verifier.ready(300_000);
const seconds = (performance.now() - begin) / 1000;
const after = await settled();
const { revocations, revocationBytes } = verifier.stats();
console.log(JSON.stringify({ before, after, revocations, revocationBytes, seconds }));
await verifier.close();
