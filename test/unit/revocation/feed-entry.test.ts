import { feedEntry, type StoredEntry } from "../../../src/revocation/feed-entry.js";

const stored = (values: Partial<StoredEntry>): StoredEntry => ({
  position: 1,
  kind: "token",
  subject: "of-whom",
  instant: null,
  version: null,
  expirationTime: 5_000,
  ...values,
});

describe("feedEntry", () => {
  it.each(["token", "disabled", "enabled"] as const)("%s names the token", (kind) => {
    expect(feedEntry(stored({ kind }))).toEqual({ kind, sid: "of-whom", exp: 5 });
  });

  it("expiry names the token and the instant, in milliseconds", () => {
    const entry = feedEntry(stored({ kind: "expiry", instant: 4_321 }));
    expect(entry).toEqual({ kind: "expiry", sid: "of-whom", at: 4_321, exp: 5 });
  });

  it("version names the token, the oldest version that stays and from when on, in milliseconds", () => {
    const entry = feedEntry(stored({ kind: "version", instant: 4_321, version: 7 }));
    expect(entry).toEqual({ kind: "version", sid: "of-whom", ver: 7, from: 4_321, exp: 5 });
  });

  it.each(["user", "role"] as const)("%s names the user and the instant, in milliseconds", (kind) => {
    const entry = feedEntry(stored({ kind, instant: 4_321 }));
    expect(entry).toEqual({ kind, sub: "of-whom", before: 4_321, exp: 5 });
  });

  it.each([
    [5_000, 5],
    [5_001, 6],
    [5_999, 6],
    [null, null],
  ])("an end at %s ms is exp %s: never before the last JWT's own", (expirationTime, exp) => {
    expect(feedEntry(stored({ expirationTime })).exp).toBe(exp);
  });
});
