import { Agent, createServer } from "node:http";
import type { AddressInfo, LookupFunction } from "node:net";
import { createVerifier, type PrivilegeOptions, type Verifier } from "../../../packages/verify/src/index.js";
import { CLIENT, startFeedServer, type FeedServer } from "../../support/verify/feed-server.js";
import { AUDIENCE } from "../../support/verify/issuer.js";
import { endAll, endings, outcome } from "../../support/verify/verifiers.js";

/** A private network's names: every one of them is this machine. */
const lookup: LookupFunction = (_host, { all }, callback) => {
  if (all) callback(null, [{ address: "127.0.0.1", family: 4 }]);
  else callback(null, "127.0.0.1", 4);
};

let server: FeedServer;
beforeEach(async () => {
  server = await startFeedServer();
  endings.push(() => server.stop());
});
afterEach(endAll);

const portOf = (url: string): string => new URL(url).port;

function verifierAt(port: string, options: Partial<PrivilegeOptions> = {}): Verifier {
  const agent = new Agent({ lookup });
  endings.push(() => agent.destroy());
  const verifier = createVerifier({
    issuer: server.url,
    gateway: `http://latchkey:${port}`,
    audience: AUDIENCE,
    client: CLIENT,
    maxStaleness: 10_000,
    agent,
    ...options,
  });
  endings.push(() => verifier.close());
  return verifier;
}

describe("a gateway by plain http inside a private network", () => {
  it("is refused unless it is asked for by name", () => {
    expect(() => verifierAt("4000")).toThrow(/allowInsecureRequests: true/);
    expect(() => verifierAt("4000", { allowInsecureRequests: false })).toThrow(TypeError);
    expect(server.requests).toEqual({});
  });

  it.each(["sse", "poll"] as const)("is followed when it is, by %s", async (feed) => {
    const verifier = verifierAt(portOf(server.url), { allowInsecureRequests: true, feed });
    await verifier.ready();
    expect(outcome(verifier.verify(await server.privilege()))).toBe("accepted");
    expect(outcome(verifier.verify(await server.privilege({ iss: "http://latchkey:4000" })))).toBe(
      "INVALID_CREDENTIAL",
    );
  });

  it("is asked about tokens by introspection", async () => {
    const options = { allowInsecureRequests: true, onStale: "introspect", maxStaleness: 200 } as const;
    const verifier = verifierAt(portOf(server.url), options);
    await verifier.ready();
    server.knobs.statuses["/revocations"] = 503;
    server.cut();
    const token = await server.privilege();
    while (verifier.verify(token).ok) await new Promise((resolve) => setImmediate(resolve));
    expect(outcome(await verifier.verifyOnline(token))).toBe("accepted");
  });

  it.each([301, 302, 303, 307, 308])("that redirects by %i leads nowhere", async (status) => {
    const paths: string[] = [];
    const redirecting = createServer((request, response) => {
      paths.push(request.url ?? "");
      response.writeHead(status, { location: server.url + (request.url ?? "") }).end();
    });
    await new Promise<void>((resolve) => redirecting.listen(0, "127.0.0.1", resolve));
    endings.push(() => void redirecting.close());
    const { port } = redirecting.address() as AddressInfo;
    const verifier = verifierAt(String(port), { allowInsecureRequests: true });
    await expect(verifier.ready(300)).rejects.toThrow(`the gateway answers ${status}`);
    expect(paths.length).toBeGreaterThan(0);
    expect(server.requests).toEqual({});
  });
});
