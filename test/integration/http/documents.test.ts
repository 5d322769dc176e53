import { decodeProtectedHeader } from "jose";
import { registerUser } from "../../support/client.js";
import { ask } from "../../support/answers.js";
import { sharedGateway, withGateway } from "../../support/with-gateway.js";

const SECURITY_HEADERS = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
  "x-powered-by": null,
  server: null,
  "access-control-allow-origin": null,
  "access-control-allow-credentials": null,
};

const gateway = sharedGateway();

/** The key set, the probes, and the headers that every answer has. */
describe("documents, probes and headers", () => {
  const jwks = (headers: Record<string, string> = {}) =>
    ask(`${gateway.url}/.well-known/jwks.json`, { headers });

  it.each(["/graphql", "/healthz", "/readyz", "/nowhere"])(
    "%s answers with the security headers",
    async (path) => {
      const { headers } = await ask(gateway.url + path, { headers: { origin: "https://other.example" } });
      const found = Object.fromEntries(
        Object.keys(SECURITY_HEADERS).map((name) => [name, headers.get(name)]),
      );
      expect(found).toEqual(SECURITY_HEADERS);
      expect(headers.get("cache-control")).toBe("no-store");
      // Plain http: a browser must not be told to stay on https.
      expect(headers.get("strict-transport-security")).toBeNull();
    },
  );

  it("no page of another origin may call with credentials, unless one is set", async () => {
    const headers = { origin: "https://other.example", "access-control-request-method": "POST" };
    const preflight = await fetch(`${gateway.url}/graphql`, { method: "OPTIONS", headers });
    expect(preflight.status).toBe(204);
    expect([...preflight.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  it("the probes say that the gateway lives and is ready", async () => {
    expect(JSON.parse((await ask(`${gateway.url}/healthz`)).text)).toEqual({ status: "ok" });
    expect(JSON.parse((await ask(`${gateway.url}/readyz`)).text)).toEqual({ status: "ready" });
  });

  it("the key set holds the public keys that tokens name, and nothing private", async () => {
    const { token, privilege } = await registerUser(`${gateway.url}/graphql`);
    const { keys } = JSON.parse((await jwks()).text) as { keys: Record<string, string>[] };
    expect(keys.map((key) => Object.keys(key).sort())).toEqual(
      keys.map(() => ["alg", "crv", "kid", "kty", "use", "x", "y"]),
    );
    const kids = keys.map(({ kid }) => kid);
    expect(kids).toContain(decodeProtectedHeader(token).kid);
    expect(kids).toContain(decodeProtectedHeader(privilege).kid);
  });

  it("the key set may be cached and read by any page, without credentials", async () => {
    const { status, headers } = await jwks({ origin: "https://other.example" });
    expect(status).toBe(200);
    expect(headers.get("content-type")).toMatch(/^application\/jwk-set\+json\b/);
    expect(headers.get("cache-control")).toMatch(/^public, max-age=\d+/);
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("cross-origin-resource-policy")).toBe("cross-origin");
  });

  it("the key set is not sent again to who has it", async () => {
    const etag = (await jwks()).headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[\w-]+"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const again = await jwks({ "if-none-match": known });
      expect([again.status, again.text, again.headers.get("etag")]).toEqual([304, "", etag]);
    }
    expect((await jwks({ "if-none-match": '"other"' })).status).toBe(200);
  });

  it("none of these requests causes a warning in the log", () => {
    expect(gateway.output.log).not.toMatch(/"level":"(?:warn|error)"/);
  });
});

describe("a start with the default settings", () => {
  const own = withGateway();

  it("causes no warning in the log", () => {
    expect(own.output.log).toContain('"level":"info"');
    expect(own.output.log).not.toMatch(/"level":"(?:warn|error)"/);
  });
});
