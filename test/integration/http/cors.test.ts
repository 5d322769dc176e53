import { requestHead, sendRaw } from "../../support/raw-http.js";
import { withGateway } from "../../support/with-gateway.js";

const OTHER = "https://other.example";

const ALLOWED = "https://app.example.org";
const gateway = withGateway({ ISSUER: "https://auth.example.org", ALLOWED_ORIGINS: ALLOWED });

/** Which pages of other origins may call: none but those that are set, and these with credentials. */
describe("requests of other origins", () => {
  const ask = async (line: string, origin: string, headers: string[] = []) => {
    const answer = await sendRaw(gateway.url, requestHead(line, [`Origin: ${origin}`, ...headers]));
    const names = Object.keys(answer.headers).filter((name) => name.startsWith("access-control-"));
    return { ...answer, cors: Object.fromEntries(names.map((name) => [name, answer.headers[name]])) };
  };
  const preflight = (origin: string, path = "/graphql") =>
    ask(`OPTIONS ${path}`, origin, [
      "Access-Control-Request-Method: POST",
      "Access-Control-Request-Headers: authorization,content-type",
    ]);

  it("an allowed origin may send what it asks for, with credentials", async () => {
    const { status, cors, headers } = await preflight(ALLOWED);
    expect(status).toBe(204);
    expect(cors).toMatchObject({
      "access-control-allow-origin": ALLOWED,
      "access-control-allow-credentials": "true",
      "access-control-allow-headers": "authorization,content-type",
      "access-control-max-age": "600",
    });
    // Every method of a path that is served: PUT logs out of the ctoregistry dialect.
    expect(cors["access-control-allow-methods"]).toBe("GET, HEAD, POST, PUT");
    expect(headers.vary).toMatch(/\bOrigin\b/i);
  });

  it("an allowed origin may read answers and refusals", async () => {
    for (const line of ["GET /graphql", "GET /nowhere", "PUT /graphql", "GET /healthz"]) {
      const { cors, headers } = await ask(line, ALLOWED);
      expect(cors).toMatchObject({
        "access-control-allow-origin": ALLOWED,
        "access-control-allow-credentials": "true",
      });
      expect(headers.vary).toMatch(/\bOrigin\b/i);
    }
  });

  it.each([OTHER, "null", `${ALLOWED}.evil.example`, ALLOWED.replace("https", "http")])(
    "the origin %s is told nothing",
    async (origin) => {
      const refused = await preflight(origin);
      expect([refused.status, refused.headers.allow, refused.cors]).toEqual([204, "GET, POST, OPTIONS", {}]);
      expect((await ask("GET /graphql", origin)).cors).toEqual({});
      expect((await preflight(origin, "/nowhere")).status).toBe(404);
    },
  );

  it("an OPTIONS request that is no preflight says which methods there are", async () => {
    const { status, headers } = await ask("OPTIONS /graphql", ALLOWED);
    expect([status, headers.allow]).toEqual([204, "GET, POST, OPTIONS"]);
  });

  it("the key set is for any page, and for none with credentials", async () => {
    for (const origin of [ALLOWED, OTHER]) {
      const { status, cors } = await ask("GET /.well-known/jwks.json", origin);
      expect(status).toBe(200);
      expect(cors["access-control-allow-origin"]).toBe("*");
      expect(cors["access-control-allow-credentials"]).toBeUndefined();
    }
  });
});
