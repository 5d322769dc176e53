import { ask } from "../../support/answers.js";
import { withGateway } from "../../support/with-gateway.js";

/** TLS ends at a proxy: the gateway itself speaks plain HTTP. */
const gateway = withGateway({ ISSUER: "https://auth.example.org" });

describe("headers behind TLS", () => {
  it("browsers are told to stay on https, for a year and with all hosts below", async () => {
    const { headers } = await ask(`${gateway.url}/healthz`);
    expect(headers.get("strict-transport-security")).toBe("max-age=31536000; includeSubDomains");
  });
});
