import { registerUser } from "../../support/client.js";
import { requestHead, sendRaw } from "../../support/raw-http.js";
import { sharedGateway } from "../../support/with-gateway.js";

// Waits for its row check: the next ones arrive meanwhile.
const BODY = JSON.stringify({ query: "{ me { id } }" });

const gateway = sharedGateway();
let token: string;

beforeAll(async () => {
  ({ token } = await registerUser(gateway.graphql));
});

/** `count` requests on one connection, sent before any answer is read; the statuses in order. */
async function pipeline(count: number): Promise<string[]> {
  const length = `Content-Length: ${BODY.length}`;
  const headers = ["Content-Type: application/json", `Authorization: Bearer ${token}`, length];
  const last = requestHead("POST /graphql", headers) + BODY;
  const others = last.replace("Connection: close\r\n", "").repeat(count - 1);
  const { text } = await sendRaw(gateway.url, others + last);
  return [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => status!);
}

describe("requests pipelined on one connection", () => {
  it("are all answered while they are few", async () => {
    expect(await pipeline(8)).toEqual(Array.from({ length: 8 }, () => "200"));
  });

  it("are refused with 503 beyond that, and the connection ends", async () => {
    const statuses = await pipeline(100);
    expect(statuses.slice(0, 8)).toEqual(Array.from({ length: 8 }, () => "200"));
    const rest = statuses.slice(8);
    expect(rest.length).toBeGreaterThan(0);
    expect(rest.filter((status) => status !== "503")).toEqual([]);
  });
});
