import { isCrossSite } from "../../../src/credentials/csrf.js";
import type { Mechanism } from "../../../src/credentials/read-credential.js";
import type { Viewer } from "../../../src/credentials/viewer.js";
import { standingWith } from "../tokens/records.js";

const OWN = new Set(["https://auth.example"]);
const CROSS_SITE = { "sec-fetch-site": "cross-site", origin: "https://elsewhere.example" };
const record = standingWith();

const user = (mechanism: Mechanism): Viewer => ({ kind: "user", record, version: 0, mechanism });
const delegated = (mechanism: Mechanism): Viewer => ({ kind: "delegated", record, mechanism });

describe("a request that a page of another site may have sent", () => {
  it.each([
    ["a user token in the cookie", user("cookie"), true],
    ["a privilege token in the cookie", delegated("cookie"), true],
    ["a user token in a header", user("bearer"), false],
    ["a privilege token in a header", delegated("authorization"), false],
  ])("is cross-site with %s: %#", (_what, viewer, expected) => {
    expect(isCrossSite(viewer, CROSS_SITE, OWN)).toBe(expected);
  });

  it("is not cross-site when nobody is authenticated by it", () => {
    const refused: Viewer = { kind: "invalid", reason: "TOKEN_REVOKED", neverIssued: false };
    for (const viewer of [{ kind: "anonymous" } as const, refused]) {
      expect(isCrossSite(viewer, CROSS_SITE, OWN)).toBe(false);
    }
  });
});

describe("a request with the session cookie", () => {
  it.each<[string, Record<string, string>, boolean]>([
    ["of the same origin", { "sec-fetch-site": "same-origin", origin: "https://elsewhere.example" }, false],
    ["of the browser's user", { "sec-fetch-site": "none" }, false],
    ["of another site without an origin", { "sec-fetch-site": "cross-site" }, true],
    ["of a listed origin", { "sec-fetch-site": "cross-site", origin: "https://auth.example" }, false],
    ["of no listed origin", { origin: "https://elsewhere.example" }, true],
    ["of a sandboxed page", { origin: "null" }, true],
    ["of no browser, with JSON", { "content-type": "application/json" }, false],
    ["of an old form", { "content-type": "Text/Plain; charset=utf-8" }, true],
    ["that says nothing", {}, true],
  ])("%s", (_what, headers, expected) => {
    expect(isCrossSite(user("cookie"), headers, OWN)).toBe(expected);
  });
});
