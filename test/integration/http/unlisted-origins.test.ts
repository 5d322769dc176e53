import { requestHead, sendRaw } from "../../support/raw-http.js";
import { startGateway, temporaryFolder, type RunningGateway } from "../../support/gateway.js";
import { until } from "../../support/until.js";

const LISTED = "https://app.example.com";

describe("a page of an origin that is not listed", () => {
  const folder = temporaryFolder();
  let gateway: RunningGateway;

  /** A gateway each: what was logged once is quiet for an hour. */
  beforeEach(async () => {
    const settings = { DATABASE_URL: `sqlite:${folder.path}/db.sqlite`, ALLOWED_ORIGINS: LISTED };
    gateway = await startGateway(settings);
  });

  afterEach(async () => {
    await gateway.stop();
  });

  afterAll(() => {
    folder.remove();
  });

  const call = (path: string, headers: Record<string, string>, method = "GET") =>
    fetch(gateway.url + path, { method, headers });

  const lines = () =>
    gateway.output.log
      .split("\n")
      .filter((line) => line.includes("ALLOWED_ORIGINS"))
      .map((line) => JSON.parse(line) as { level: string; origin: string; setting: string });
  const origins = () => lines().map(({ origin }) => origin);

  /** What was written before it has arrived when this line has: the log is in order. */
  async function settled(): Promise<void> {
    const marker = `https://marker-${Math.random().toString(36).slice(2)}.example`;
    await call("/graphql", { origin: marker });
    await until(() => origins().includes(marker));
  }

  it("is logged once, with its origin and the setting to change, from a preflight or a request", async () => {
    const preflight = { origin: "https://other.example", "access-control-request-method": "POST" };
    await call("/graphql", preflight, "OPTIONS");
    for (let again = 0; again < 3; again++) await call("/graphql", { origin: "https://other.example" });
    await call("/auth/login", { origin: "null" }, "POST");
    await settled();
    const [first, second, ...rest] = lines();
    expect(first).toMatchObject({
      level: "info",
      origin: "https://other.example",
      setting: "ALLOWED_ORIGINS",
    });
    expect([second?.origin, rest.length]).toEqual(["null", 1]);
  });

  it("is not logged when it is listed, the gateway's own, or none at all", async () => {
    const own = gateway.url;
    const silent: Record<string, string>[] = [
      {},
      { origin: LISTED },
      { origin: "http://localhost:4000" },
      { origin: own },
      { origin: "https://behind-a-proxy.example", "sec-fetch-site": "same-origin" },
    ];
    for (const headers of silent) await call("/graphql", headers);
    await settled();
    expect(lines()).toHaveLength(1);
  });

  it("is not logged at paths for services, to which proxies pass on what pages write to others", async () => {
    const headers = { origin: "https://shop.example" };
    for (const path of ["/verify", "/verify/x", "/revocations", "/nowhere"]) await call(path, headers);
    await call("/introspect", headers, "POST");
    await settled();
    expect(lines()).toHaveLength(1);
  });

  it("writes what it likes into no log: one line, cut, visible ASCII only, and twenty an hour", async () => {
    const hostile = `https://x\u009b31m"},{"level":"fatal\t${"a".repeat(3_000)}`;
    await sendRaw(gateway.url, requestHead("GET /graphql", [`Origin: ${hostile}`]));
    await settled();
    const [line] = lines();
    expect(line?.origin).toMatch(/^https:\/\/x[!-~]{0,200}$/);
    expect(line?.origin.length).toBeLessThanOrEqual(200);
    for (let made = 0; made < 40; made++) await call("/graphql", { origin: `https://o${made}.example` });
    await until(() => lines().length === 20);
    expect(gateway.output.log).not.toContain('"level":"fatal"');
  });
});
