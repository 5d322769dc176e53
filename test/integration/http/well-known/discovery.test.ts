import { ask } from "../../../support/answers.js";
import { withGateway } from "../../../support/with-gateway.js";

describe("GET /.well-known/latchkey", () => {
  const gateway = withGateway({
    ISSUER: "https://id.example/auth",
    PRIVILEGE_AUDIENCES: "supergraph,billing",
    ALLOWED_ORIGINS: "https://app.example",
  });

  const get = (headers: Record<string, string> = {}, method = "GET") =>
    ask(`${gateway.url}/.well-known/latchkey`, { method, headers });

  it("says where everything is, by the issuer's URL", async () => {
    const { status, headers, text } = await get();
    expect([status, headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
    const issuer = "https://id.example/auth";
    expect(JSON.parse(text)).toEqual({
      issuer,
      endpoints: {
        graphql: `${issuer}/graphql`,
        jwks: `${issuer}/.well-known/jwks.json`,
        introspection: `${issuer}/introspect`,
        revocation: `${issuer}/revoke`,
        verify: `${issuer}/verify`,
        revocations: `${issuer}/revocations`,
      },
      algorithms: ["ES256"],
      tokenTypes: [
        { name: "user token", typ: "user+jwt", audiences: [issuer] },
        { name: "privilege token", typ: "privilege+jwt", audiences: ["supergraph", "billing"] },
      ],
      audiences: ["supergraph", "billing"],
    });
  });

  it("may be kept, by anybody and for a while, as the keys may", async () => {
    const [document, keys] = await Promise.all([get(), ask(`${gateway.url}/.well-known/jwks.json`)]);
    for (const name of ["cache-control", "access-control-allow-origin", "cross-origin-resource-policy"])
      expect([name, document.headers.get(name)]).toEqual([name, keys.headers.get(name)]);
    expect(document.headers.get("cache-control")).toBe("public, max-age=300, must-revalidate");
    expect(document.headers.get("etag")).toMatch(/^"[\w-]{43}"$/);
  });

  it("spares who knows it the transfer", async () => {
    const etag = (await get()).headers.get("etag")!;
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
      const { status, text, headers } = await get({ "if-none-match": known });
      expect([status, text, headers.get("etag")]).toEqual([304, "", etag]);
    }
    expect((await get({ "if-none-match": '"x"' })).status).toBe(200);
  });

  it("lets browsers of any origin read it, without credentials", async () => {
    for (const origin of ["https://app.example", "https://evil.example"]) {
      const { headers } = await get({ origin });
      expect(headers.get("access-control-allow-origin")).toBe("*");
      expect(headers.get("access-control-allow-credentials")).toBeNull();
    }
  });

  it("HEAD has no body; POST is 405", async () => {
    expect(await get({}, "HEAD")).toMatchObject({ status: 200, text: "" });
    const post = await get({}, "POST");
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
  });
});
