import { hiddenSchemaRules } from "../graphql/hidden-schema.test.js";
import { ask } from "../../support/answers.js";
import { cookieRules } from "./session-cookie.test.js";
import { corsRules } from "./cors.test.js";
import { csrfRules } from "./csrf.test.js";
import { startOwnGateway, type OwnGateway } from "../../support/own-gateway.js";

const OWN = "https://auth.example.org";
const ALLOWED = "https://app.example.org";

let gateway: OwnGateway;

beforeAll(async () => {
  // TLS ends at a proxy: the gateway itself speaks plain HTTP.
  gateway = await startOwnGateway({ ISSUER: OWN, ALLOWED_ORIGINS: ALLOWED, EXPLORER: "off" });
});

afterAll(() => gateway.close());

const graphql = () => gateway.graphql;

describe("the session cookie behind TLS", () => cookieRules(graphql, { secure: true }));
describe("forged requests", () =>
  csrfRules(graphql, { cookieName: "__Host-latchkey_session", own: OWN, allowed: ALLOWED }));
describe("pages of other origins", () => corsRules(() => gateway.url, ALLOWED));
describe("the schema without the explorer", () => hiddenSchemaRules(graphql));

describe("headers behind TLS", () => {
  it("browsers are told to stay on https, for a year and with all hosts below", async () => {
    const { headers } = await ask(`${gateway.url}/healthz`);
    expect(headers.get("strict-transport-security")).toBe("max-age=31536000; includeSubDomains");
  });
});
