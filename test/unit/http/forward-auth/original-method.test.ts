import { isRead } from "../../../../src/http/forward-auth/original-method.js";

describe("isRead", () => {
  it.each([
    ["Traefik, GET", { "x-forwarded-method": "GET" }, null],
    ["nginx, HEAD", { "x-original-method": "HEAD" }, null],
    ["Envoy, OPTIONS", {}, "OPTIONS"],
    ["two proxies that agree", { "x-forwarded-method": "GET", "x-original-method": "GET" }, null],
  ])("is true for %s", (_what, headers, own) => {
    expect(isRead(headers, own)).toBe(true);
  });

  it.each([
    ["an unknown method", {}, null],
    ["POST", { "x-forwarded-method": "POST" }, null],
    ["POST by Envoy", {}, "POST"],
    ["a method in small letters", { "x-forwarded-method": "get" }, null],
    ["an empty method", { "x-forwarded-method": "" }, null],
    ["a method that is said twice", { "x-forwarded-method": "GET, POST" }, null],
    [
      "two proxies of which one says POST",
      { "x-forwarded-method": "GET", "x-original-method": "POST" },
      null,
    ],
    ["Envoy's own POST, whatever a header says", { "x-forwarded-method": "GET" }, "POST"],
    ["a WebSocket", { "x-forwarded-method": "GET", "sec-websocket-key": "x" }, null],
  ])("is false for %s", (_what, headers, own) => {
    expect(isRead(headers, own)).toBe(false);
  });
});
