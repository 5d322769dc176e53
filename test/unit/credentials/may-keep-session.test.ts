import { mayKeepSession } from "../../../src/credentials/may-keep-session.js";

const OWN = "https://auth.example.co.uk";
const LISTED = "https://app.other.example";

const policy = (sameSite: "lax" | "strict" | "none", ownOrigin = OWN) => ({
  sameSite,
  ownOrigin,
  allowedOrigins: new Set([ownOrigin, LISTED]),
});
const headers = (site: string | undefined, origin: string | undefined, host = "auth.example.co.uk") => ({
  host,
  ...(site === undefined ? {} : { "sec-fetch-site": site }),
  ...(origin === undefined ? {} : { origin }),
});

describe.each(["lax", "strict"] as const)("SameSite %s", (sameSite) => {
  it.each([
    ["no browser", undefined, undefined],
    ["the gateway's own page", "same-origin", OWN],
    ["a page of the same site", "same-site", "https://app.example.co.uk"],
    ["the address bar", "none", undefined],
    ["an older browser on the gateway's own page", undefined, OWN],
    ["an older browser on a page of the same site", undefined, "https://app.example.co.uk"],
    ["an older browser on a page of the site's own name", undefined, "https://example.co.uk:8443"],
    ["a kind of site that nobody knows, on the gateway's own page", "same-planet", OWN],
  ])("keeps the cookie for %s", (_who, site, origin) => {
    expect(mayKeepSession(headers(site, origin), policy(sameSite))).toBe(true);
  });

  it.each([
    ["a page of another site", "cross-site", "https://evil.example"],
    ["a listed page of another site", "cross-site", LISTED],
    ["a page of another site that names no origin", "cross-site", undefined],
    ["a sandboxed page", "cross-site", "null"],
    ["an older browser on another site", undefined, "https://evil.example"],
    ["an older browser on a listed page of another site", undefined, LISTED],
    ["an older browser on a sandboxed page", undefined, "null"],
    ["an older browser on an address", undefined, "https://192.0.2.1"],
    ["an empty origin", undefined, ""],
    ["two origins", undefined, `${OWN}, https://evil.example`],
    ["a site that is said twice, on another site", "same-origin, cross-site", "https://evil.example"],
  ])("drops it for %s", (_who, site, origin) => {
    expect(mayKeepSession(headers(site, origin), policy(sameSite))).toBe(false);
  });

  it.each([
    ["http://localhost:4000", "http://localhost:5173", "localhost:4000", true],
    ["http://localhost:4000", "http://127.0.0.1:5173", "localhost:4000", false],
    ["http://127.0.0.1:4000", "http://127.0.0.1:5173", "127.0.0.1:4000", true],
    ["http://127.0.0.1:4000", "http://126.0.0.1:5173", "127.0.0.1:4000", false],
    ["http://[::1]:4000", "http://[::1]:5173", "[::1]:4000", true],
    ["http://localhost:4000", "http://app.localhost:5173", "localhost:4000", false],
    // Asked under another name than its own, by a page of that name.
    ["http://localhost:4000", "http://127.0.0.1:4000", "127.0.0.1:4000", true],
  ])("at %s an older browser on %s, asking %s: %s", (own, origin, host, kept) => {
    expect(mayKeepSession(headers(undefined, origin, host), policy(sameSite, own))).toBe(kept);
  });
});

describe("SameSite none", () => {
  it.each([
    ["a listed page of another site", "cross-site", LISTED, true],
    ["an older browser on a listed page", undefined, LISTED, true],
    ["a page of the same site", "same-site", "https://app.example.co.uk", true],
    ["no browser", undefined, undefined, true],
    ["a page of another site", "cross-site", "https://evil.example", false],
    ["a page of another site that names no origin", "cross-site", undefined, false],
    ["a sandboxed page", "cross-site", "null", false],
    ["an older browser on another site", undefined, "https://evil.example", false],
  ])("gives %s a session: %s %s %s", (_who, site, origin, kept) => {
    expect(mayKeepSession(headers(site, origin), policy("none"))).toBe(kept);
  });
});
