import { auditRules } from "./audit-rules.js";
import { bodyRules } from "./body-rules.js";
import { cookieRules } from "./cookie-rules.js";
import { documentRules } from "./document-rules.js";
import { methodRules } from "./method-rules.js";
import { startOwnGateway, type OwnGateway } from "../../support/own-gateway.js";
import { parameterRules } from "./parameter-rules.js";
import { parserRules } from "./parser-rules.js";
import { statusRules } from "./status-rules.js";

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
