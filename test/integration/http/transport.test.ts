import { auditRules } from "./graphql-over-http.test.js";
import { bodyRules } from "./bodies.test.js";
import { cookieRules } from "./session-cookie.test.js";
import { documentRules } from "./documents.test.js";
import { methodRules } from "./methods.test.js";
import { startOwnGateway, type OwnGateway } from "../../support/own-gateway.js";
import { parameterRules } from "./parameters.test.js";
import { parserRules } from "./http-parser.test.js";
import { statusRules } from "./statuses.test.js";

let gateway: OwnGateway;

beforeAll(async () => {
  // What a developer gets: it listens on loopback, so the explorer is on; the audits ask the schema.
  gateway = await startOwnGateway();
});

afterAll(() => gateway.close());

const url = () => gateway.url;
const graphql = () => gateway.graphql;

describe("GraphQL over HTTP", () => auditRules(graphql));
describe("bodies", () => bodyRules(graphql));
describe("optional parameters", () => parameterRules(graphql));
describe("paths and methods", () => methodRules(url));
describe("what is hardly HTTP", () => parserRules(url));
describe("statuses of what was executed", () => statusRules(graphql));
describe("the session cookie", () => cookieRules(graphql, { secure: false }));
describe("documents, probes and headers", () => documentRules(url));

describe("the start", () => {
  it("warns of nothing", () => {
    expect(gateway.output.log).not.toMatch(/"level":"(?:warn|error)"/);
  });
});
