import { createVerifier } from "../../../packages/verify/src/index.js";
import { readOptions } from "../../../packages/verify/src/options.js";

const GOOD = {
  issuer: "https://auth.example",
  audience: "supergraph",
  client: { id: "orders", secret: "a-secret-that-must-not-be-repeated" },
};

describe("the options", () => {
  it("have the defaults that the documentation names", () => {
    expect(readOptions(GOOD)).toMatchObject({
      ...GOOD,
      gateway: "https://auth.example",
      tokens: "privilege",
      maxStaleness: 2_000,
      onStale: "refuse",
      feed: "auto",
      keyRefresh: 60_000,
      clockTolerance: 5_000,
      cacheSize: 10_000,
    });
  });

  it.each<[object, object]>([
    [{ issuer: "https://auth.example/" }, { issuer: "https://auth.example" }],
    [{ issuer: "https://auth.example/latchkey" }, { gateway: "https://auth.example/latchkey" }],
    [{ issuer: "http://localhost:4000" }, { issuer: "http://localhost:4000" }],
    [{ issuer: "http://[::1]:4000" }, { issuer: "http://[::1]:4000" }],
    [{ gateway: "http://127.0.0.1:4000/" }, { issuer: GOOD.issuer, gateway: "http://127.0.0.1:4000" }],
    [
      { gateway: "http://latchkey:4000/", allowInsecureRequests: true },
      { issuer: GOOD.issuer, gateway: "http://latchkey:4000" },
    ],
    [
      { gateway: "http://latchkey.auth.svc.cluster.local:4000/base", allowInsecureRequests: true },
      { gateway: "http://latchkey.auth.svc.cluster.local:4000/base" },
    ],
    [{ gateway: "http://10.0.0.1:4000", allowInsecureRequests: true }, { gateway: "http://10.0.0.1:4000" }],
    [{ gateway: "https://latchkey.internal", allowInsecureRequests: true }, { issuer: GOOD.issuer }],
    [{ allowInsecureRequests: true }, { gateway: GOOD.issuer }],
    [{ allowInsecureRequests: false }, { gateway: GOOD.issuer }],
    [{ tokens: "user", audience: undefined }, { audience: GOOD.issuer }],
    [{ tokens: "user", audience: GOOD.issuer }, { audience: GOOD.issuer }],
    [
      { cacheSize: 0, clockTolerance: 0, maxStaleness: 200 },
      { cacheSize: 0, maxStaleness: 200 },
    ],
  ])("may be %j", (changes, expected) => {
    expect(readOptions({ ...GOOD, ...changes })).toMatchObject(expected);
  });

  it.each<[string, object]>([
    ["issuer", { issuer: undefined }],
    ["issuer", { issuer: "auth.example" }],
    ["issuer", { issuer: "http://auth.example" }],
    ["issuer", { issuer: "http://10.0.0.1:4000" }],
    ["issuer", { issuer: "ftp://auth.example" }],
    ["issuer", { issuer: "HTTPS://auth.example" }],
    ["issuer", { issuer: "https://Auth.example" }],
    ["issuer", { issuer: "https://auth.example:443" }],
    ["issuer", { issuer: "https://auth.example?x=1" }],
    ["issuer", { issuer: "https://auth.example#x" }],
    ["issuer", { issuer: "https://user:must-not-be-repeated@auth.example" }],
    ["gateway", { gateway: "http://latchkey.internal:4000" }],
    ["gateway", { gateway: 4000 }],
    // The message names what would allow it.
    ["allowInsecureRequests: true", { gateway: "http://latchkey:4000" }],
    ["allowInsecureRequests: true", { gateway: "http://10.0.0.1:4000", allowInsecureRequests: false }],
    ["gateway", { gateway: "latchkey:4000", allowInsecureRequests: true }],
    ["gateway", { gateway: "ftp://latchkey", allowInsecureRequests: true }],
    ["gateway", { gateway: "http://latchkey:4000?x=1", allowInsecureRequests: true }],
    ["gateway", { gateway: "http://user:must-not-be-repeated@latchkey:4000", allowInsecureRequests: true }],
    ["gateway", { gateway: ["http://latchkey:4000"], allowInsecureRequests: true }],
    ["issuer", { issuer: "http://latchkey:4000", allowInsecureRequests: true }],
    ["allowInsecureRequests", { allowInsecureRequests: "true" }],
    ["allowInsecureRequests", { allowInsecureRequests: 1 }],
    ["allowInsecureRequests", { allowInsecureRequests: null }],
    ["audience", { audience: undefined }],
    ["audience", { audience: "" }],
    ["audience", { audience: ["supergraph"] }],
    ["audience", { audience: GOOD.issuer }],
    ["audience", { tokens: "user", audience: "supergraph" }],
    ["tokens", { tokens: "both" }],
    ["client", { client: undefined }],
    ["client", { client: "orders:must-not-be-repeated" }],
    ["client.id", { client: { secret: GOOD.client.secret } }],
    ["client.id", { client: { id: "a:b", secret: GOOD.client.secret } }],
    ["client.secret", { client: { id: "orders" } }],
    ["client.secret", { client: { id: "orders", secret: "" } }],
    ["client.secret", { client: { id: "orders", secret: "must-not-be-repeated\n" } }],
    ["maxStaleness", { maxStaleness: 0 }],
    ["maxStaleness", { maxStaleness: Infinity }],
    ["maxStaleness", { maxStaleness: "2s" }],
    ["maxStaleness", { maxStaleness: 60_001 }],
    ["onStale", { onStale: "accept" }],
    ["feed", { feed: true }],
    ["keyRefresh", { keyRefresh: 999 }],
    ["clockTolerance", { clockTolerance: -1 }],
    ["cacheSize", { cacheSize: NaN }],
    ["clock", { clock: 7 }],
    ["agent", { agent: {} }],
    ["log", { log: () => undefined }],
    ['"isuer"', { isuer: "https://auth.example" }],
    ['"constructor"', { constructor: 1 }],
  ])("are refused at once, naming %s: %j", (name, changes) => {
    const act = () => createVerifier({ ...GOOD, ...changes } as never);
    expect(act).toThrow(TypeError);
    expect(act).toThrow(name);
    expect(act).not.toThrow("must-not-be-repeated");
  });

  it("may be taken from the environment as it is, where a missing variable is told from a wrong one", () => {
    const { NOBODY_SETS_THIS: unset } = process.env;
    const act = (id: string | undefined, secret: string | undefined) => () =>
      createVerifier({ ...GOOD, client: { id, secret } });
    expect(act(unset, GOOD.client.secret)).toThrow(/client\.id is missing/);
    expect(act(GOOD.client.id, unset)).toThrow(/client\.secret is missing/);
    expect(act("", GOOD.client.secret)).toThrow(/client\.id takes/);
  });

  it.each([undefined, null, "https://auth.example", 1])("must be an object, not %j", (options) => {
    expect(() => createVerifier(options as never)).toThrow(TypeError);
  });
});
