/** Where the Apollo Router's `@authenticated` looks. */
export const CLAIMS = "apollo::authentication::jwt_claims";

const HEADERS = {
  cookie: ["tasty_cookie=strawberry"],
  "content-type": ["application/json"],
  host: ["127.0.0.1:4000"],
  "apollo-federation-include-trace": ["ftv1"],
  "apollographql-client-name": ["manual"],
  accept: ["*/*"],
  "user-agent": ["curl/7.79.1"],
  "content-length": ["46"],
};

/** What the Apollo Router's reference shows for this stage. */
export const APOLLO_ROUTER_REQUEST = {
  version: 1,
  stage: "RouterRequest",
  control: "continue",
  id: "1b19c05fdafc521016df33148ad63c1b",
  headers: HEADERS,
  body: '{\n    "query": "query GetActiveUser {\\n  me {\\n  name\\n}\\n}"\n  }',
  context: { entries: { "accepts-json": false, "accepts-wildcard": true, "accepts-multipart": false } },
  sdl: "type Query { me: User }",
  path: "/",
  method: "POST",
};

/** Likewise; it shows no id. */
export const APOLLO_SUPERGRAPH_REQUEST = {
  version: 1,
  stage: "SupergraphRequest",
  control: "continue",
  headers: HEADERS,
  body: { query: "query Long {\n  me {\n  name\n}\n}", operationName: "MyQuery", variables: {} },
  context: {
    entries: {
      "accepts-json": false,
      "accepts-wildcard": true,
      "accepts-multipart": false,
      "this-is-a-test-context": 42,
    },
  },
  serviceName: "service name shouldn't change",
  uri: "http://thisurihaschanged",
};

/** As the Hive Router writes it, set to send the headers, the method and the path. */
export const HIVE_ROUTER_REQUEST = {
  version: 1,
  stage: "router.request",
  id: "0f8fad5b-d9cb-469f-a165-70867728950e",
  method: "POST",
  path: "/graphql",
  headers: {
    accept: ["*/*"],
    "content-type": ["application/json"],
    "content-length": ["46"],
    cookie: ["tasty_cookie=strawberry"],
    host: ["localhost:4000"],
    "x-repeated": ["one", "two"],
  },
};
