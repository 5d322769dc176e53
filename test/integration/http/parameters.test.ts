import { ask, expectRefusal, post } from "../../support/answers.js";
import { sharedGateway } from "../../support/with-gateway.js";

const QUERY = "{ __typename }";
const ANSWER = { data: { __typename: "Query" } };

const gateway = sharedGateway();

/** Parameters of a GraphQL request that may be left out: an empty text is what clients send of one that is not set. */
describe("optional parameters", () => {
  const get = (...parameters: string[]) =>
    ask(`${gateway.graphql}?${[`query=${encodeURIComponent(QUERY)}`, ...parameters].join("&")}`, {
      headers: { "apollo-require-preflight": "1" },
    });
  const send = (parameters: object) =>
    ask(gateway.graphql, post(JSON.stringify({ query: QUERY, ...parameters })));

  it.each([
    ["variables="],
    ["extensions="],
    ["operationName="],
    ["variables"],
    ["variables=", "extensions=", "operationName="],
    ["a+b=%2B&variables=&c=%20"],
  ])("by GET, what is empty counts as left out: %s", async (...parameters) => {
    const { status, text } = await get(...parameters);
    expect([status, JSON.parse(text)]).toEqual([200, ANSWER]);
  });

  it.each(["variables", "extensions", "operationName"])(
    "by POST, an empty text counts as left out: %s",
    async (name) => {
      const { status, text } = await send({ [name]: "" });
      expect([status, JSON.parse(text)]).toEqual([200, ANSWER]);
    },
  );

  it("by GET, what is not empty is still read", async () => {
    const query = "query ($on: Boolean!) { __typename @include(if: $on) me @skip(if: $on) { id } }";
    const url = `${gateway.graphql}?query=${encodeURIComponent(query)}&operationName=&variables=${encodeURIComponent('{"on": true}')}`;
    const { status, text } = await ask(url, { headers: { "apollo-require-preflight": "1" } });
    expect([status, JSON.parse(text)]).toEqual([200, ANSWER]);
  });

  it.each([
    ["a space", "variables=%20"],
    ["what is no object", "variables=%22%22"],
    ["a parameter that comes twice, empty once", "variables=&variables={}"],
    ["a parameter that comes twice, empty both times", "extensions=&extensions="],
  ])("by GET, %s is refused with 400", async (_what, parameter) => {
    expectRefusal(await get(parameter), 400);
  });

  it.each([
    ["a space for variables", { variables: " " }],
    ["JSON in a text for variables", { variables: "{}" }],
    ["a list for extensions", { extensions: [1] }],
  ])("by POST, %s is refused with 400", async (_what, parameters) => {
    expectRefusal(await send(parameters), 400);
  });

  it("an operation's name that is there but not in the document is refused", async () => {
    expectRefusal(await send({ operationName: "missing" }), 400, "OPERATION_RESOLUTION_FAILURE");
  });

  it("a query that is empty is none", async () => {
    expectRefusal(await send({ query: "" }), 400);
    const url = `${gateway.graphql}?query=&variables=`;
    expectRefusal(await ask(url, { headers: { "apollo-require-preflight": "1" } }), 400);
  });
});
