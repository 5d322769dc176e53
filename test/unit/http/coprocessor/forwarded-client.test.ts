import { createProxyTrust } from "../../../../src/http/server/proxy-trust.js";
import { forwardedClient } from "../../../../src/http/coprocessor/coprocessor-message.js";

const ROUTER = "10.0.0.1";
const CLIENT = "192.0.2.7";
const trusts = createProxyTrust(["10.0.0.0/8"]);
const clientOf = (router: string, ...forwarded: string[]) =>
  forwardedClient(router, forwarded.length > 0 ? { "x-forwarded-for": forwarded } : {}, trusts);

describe("the client that a router speaks of", () => {
  it("is the nearest address that is no trusted proxy", () => {
    expect(clientOf(ROUTER, CLIENT)).toBe(CLIENT);
    expect(clientOf(ROUTER, `${CLIENT}, 10.0.0.2`)).toBe(CLIENT);
    expect(clientOf(ROUTER, `192.0.2.66 , ${CLIENT},10.0.0.3`, "10.0.0.2")).toBe(CLIENT);
  });

  it("is the farthest proxy where all are trusted, and the router where none is named", () => {
    expect(clientOf(ROUTER, "10.0.0.3, 10.0.0.2")).toBe("10.0.0.3");
    expect(clientOf(ROUTER)).toBe(ROUTER);
    expect(clientOf(ROUTER, "")).toBe(ROUTER);
    expect(clientOf(ROUTER, " , ,")).toBe(ROUTER);
  });

  it("is the router itself when that is not trusted", () => {
    expect(clientOf("192.0.2.1", CLIENT)).toBe("192.0.2.1");
  });

  it("is told by the header in any spelling", () => {
    expect(forwardedClient(ROUTER, { "X-Forwarded-For": [CLIENT] }, trusts)).toBe(CLIENT);
  });
});
