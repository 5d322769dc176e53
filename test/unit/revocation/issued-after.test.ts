import { issuedAfter } from "../../../src/revocation/issued-after.js";

const at = (ms: number | null) => (ms === null ? null : new Date(ms));

describe("issuedAfter", () => {
  it.each([
    ["nothing ended earlier tokens", 5_300, [null, null], 5_300],
    ["it was long ago", 5_300, [1_200, null], 5_300],
    ["it was in a second that is over", 5_300, [4_999, 2_000], 5_300],
    ["it was in this very second", 5_300, [5_100], 6_000],
    ["it was at the beginning of a second", 5_300, [5_000], 5_300],
    ["it is still ahead, by another node's clock", 5_300, [null, 7_001], 8_000],
  ] as const)("when %s", (_name, now, boundaries, expected) => {
    const issuedAt = issuedAfter(now, ...boundaries.map(at));
    expect(issuedAt).toBe(expected);
    // What the feed compares: whole seconds.
    for (const boundary of boundaries)
      expect(Math.floor(issuedAt / 1_000) * 1_000).toBeGreaterThanOrEqual(boundary ?? 0);
  });
});
