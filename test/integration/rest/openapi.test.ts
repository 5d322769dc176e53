import type { DialectName } from "../../../src/config/dialect-schemas.js";
import { withGateway } from "../../support/with-gateway.js";
import { makeToken } from "../../support/token-calls.js";
import { PASSWORD, registerUser, uniqueName, type SignedIn } from "../../support/client.js";
import { call, cookie, type RestAnswer } from "../../support/rest/call.js";
import { OPERATIONS, type Operation } from "../../support/rest/operations.js";
import {
  credentialHeaders,
  faultsOf,
  lint,
  refusedBodies,
  type OpenApiDocument,
  type OperationObject,
} from "../../support/rest/openapi-document.js";
import { documentOf, isServed, LINES, linesIn, NAMES } from "../../support/rest/requests.js";

/** The name of a target begins with the document that it is from. */
const ORIGINS: Record<DialectName, RegExp> = {
  ctoregistry: /^ctoregistry/,
  "usertoken-bearer": /^usertoken-bearer/,
  webitel: /^webitel/,
  "userid-jwt": /^userid-jwt/,
  "usertoken-xauth": /usertoken-xauth/,
};

const DOCUMENTED = NAMES.flatMap((name) =>
  OPERATIONS.filter((target) => ORIGINS[name].test(target.name)).map(
    (target) => [name, target.line, target] as const,
  ),
);

// Not localhost: the linter warns of documents that send their readers there.
const gateway = withGateway({ ISSUER: "https://auth.example.org", USER_TOKEN_LIMIT: "1000" });
const documents = {} as Record<DialectName, OpenApiDocument>;

beforeAll(async () => {
  for (const name of NAMES) documents[name] = await documentOf(gateway.url, name);
});

function operationOf(name: DialectName, line: string): OperationObject {
  const [method = "", path = ""] = line.split(" ");
  const operation = documents[name].paths[path]?.[method.toLowerCase()];
  if (!operation) throw new Error(`${name} does not list ${line}`);
  return operation;
}

/** The refused one must be described, to the last name. */
function expectDescribed(operation: OperationObject, { status, body }: RestAnswer): void {
  const response = operation.responses[status];
  const faults = response ? faultsOf(response.content["application/json"].schema, body) : ["no such status"];
  expect({ status, faults }).toEqual({ status, faults: [] });
}

describe.each(NAMES)("the OpenAPI document of %s", (name) => {
  it("is OpenAPI 3.1, and the linter finds nothing, not even to warn of", async () => {
    const { status, headers, text, body } = await call(gateway.url, `GET /openapi/${name}.json`);
    expect([status, headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
    expect(body.openapi).toMatch(/^3\.1\.\d+$/);
    expect(await lint(text, name)).toEqual([]);
  });

  it("tells where the service is, and nothing else of the installation", () => {
    expect(documents[name].servers).toEqual([{ url: "https://auth.example.org" }]);
    const document = JSON.stringify(documents[name]);
    expect(document).not.toMatch(/127\.0\.0\.1|\/tmp|node_modules|undefined/);
    expect(document).not.toContain(process.cwd());
  });

  it("lists exactly the paths of its dialect, all of them served", async () => {
    expect(linesIn(documents[name]).sort()).toEqual([...LINES[name]].sort());
    for (const line of LINES[name]) expect(await isServed(gateway.url, line)).toBe(true);
    const covered = DOCUMENTED.filter(([dialect]) => dialect === name).map(([, line]) => line);
    expect(covered.sort()).toEqual([...LINES[name]].sort());
  });

  it("knows GET and HEAD alone", async () => {
    const line = `/openapi/${name}.json`;
    const head = await call(gateway.url, `HEAD ${line}`);
    expect([head.status, head.text]).toEqual([200, ""]);
    const post = await call(gateway.url, `POST ${line}`, {}, "{}");
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
  });
});

it("no two operations of a document have one operationId", () => {
  for (const name of NAMES) {
    const ids = LINES[name].map((line) => operationOf(name, line).operationId);
    expect(new Set(ids).size).toBe(ids.length);
  }
});

describe.each(DOCUMENTED)("%s: %s", (name, line, target) => {
  let operation: OperationObject;
  let user: SignedIn;

  beforeAll(async () => {
    operation = operationOf(name, line);
    user = await registerUser(gateway.graphql, { username: uniqueName("zoë") });
  });

  /** What its clients send, with what is changed of it. */
  const ask = async (changed: { headers?: Record<string, string>; body?: unknown } = {}) => {
    const fresh = { ...user, ...(await makeToken(gateway.graphql, user.token)) };
    const headers = { ...target.credential(fresh), ...changed.headers };
    const body = "body" in changed ? changed.body : target.body?.(fresh);
    return call(gateway.url, line, headers, body);
  };

  it("is described as it is: the headers that present a credential, and the body", () => {
    const headers = Object.keys(target.credential(user)).map((header) => header.toLowerCase());
    expect(credentialHeaders(documents[name], operation).sort()).toEqual(headers.sort());
    expect(operation.requestBody?.required).toBe(target.body && target.access === "public");
    if (target.body) {
      expect(
        faultsOf(operation.requestBody!.content["application/json"].schema, target.body(user)).filter(
          isFault,
        ),
      ).toEqual([]);
    }
  });

  it("answers and refuses as it is described, with every status that is listed and no other", async () => {
    const statuses = new Set<string>();
    for (const answer of await everyAnswer(target, ask, user)) {
      expectDescribed(operation, answer);
      statuses.add(String(answer.status));
    }
    // 429 and 503 are a matter of load. A client's GET has no body that could be too large, or not JSON.
    const rare = ["429", "503", ...(line.startsWith("GET") ? ["413", "415"] : [])];
    const listed = Object.keys(operation.responses).filter((status) => !rare.includes(status));
    expect([...statuses].sort()).toEqual(listed.sort());
  });

  const { body: bodyOf } = target;
  if (!bodyOf) return;

  it("refuses with 400 what its schema refuses", async () => {
    const { schema } = operation.requestBody!.content["application/json"];
    const isOptional = !operation.requestBody!.required;
    const refused = refusedBodies(schema, bodyOf(user)).filter((body) => !(isOptional && holdsNothing(body)));
    expect(refused.length).toBeGreaterThan(10);
    for (const body of refused) {
      const answer = await call(gateway.url, line, target.credential(user), JSON.stringify(body));
      // At the path that three share, what is no JSON login is asked for Basic.
      if (name === "userid-jwt" && line === "POST /auth/login" && !isJsonLogin(body)) {
        expect([answer.status, body]).toEqual([401, body]);
        continue;
      }
      expect([answer.status, body]).toEqual([400, body]);
      expectDescribed(operation, answer);
    }
  });
});

/** A name that a request may leave in, for it is ignored, is none. */
const isFault = (fault: string) => !fault.endsWith("is not described");

/** Where a body may be left out, these mean that it is. */
const holdsNothing = (body: unknown) => ["null", '""', "[]"].includes(JSON.stringify(body));

const isJsonLogin = (body: unknown) =>
  typeof body === "object" && body !== null && ("userid" in body || "password" in body);

type Ask = (changed?: { headers?: Record<string, string>; body?: unknown }) => Promise<RestAnswer>;

/** An answer of every status that an operation is known to give. */
async function everyAnswer(target: Operation, ask: Ask, user: SignedIn): Promise<RestAnswer[]> {
  const { access, line, body } = target;
  const two = { "x-auth-token": user.token, "x-key": user.key };
  const asked = [await ask(), await ask({ headers: two })];
  if (line.startsWith("GET ")) {
    asked.push(await ask({ headers: { "content-encoding": "gzip" } }));
  } else {
    asked.push(
      await ask({ body: '{"a": ' }),
      await ask({ body: { x: "a".repeat(70_000) } }),
      await ask({ headers: { "content-type": "text/plain" }, body: "a" }),
    );
  }
  if (access === "guarded") {
    asked.push(...(await refusedCredentials(target, user)));
    if (body) asked.push(await ask({ body: {} }), await ask({ body: undefined }));
  } else if (access === "basic") {
    asked.push(
      await ask({ body: undefined }),
      await ask({ body: {} }),
      await ask({ headers: { authorization: "Basic ?" } }),
      await ask({ body: { expirationTime: "1999-01-01T00:00:00Z" } }),
    );
  } else if (line.endsWith("/register")) {
    asked.push(await ask(), await ask({ body: { username: uniqueName(), password: PASSWORD } }));
    asked.push(await ask({ body: { username: ":", password: "x" } }));
  } else {
    asked.push(await ask({ body: { ...body!(user), password: "wrong" } }));
    const nobody = { username: uniqueName("nobody"), userid: uniqueName("nobody"), password: PASSWORD };
    asked.push(await ask({ body: nobody }), await ask({ body: { ...nobody, username: 1, userid: 1 } }));
  }
  return asked;
}

/** A guarded route without a credential, with a bad one, and by the cookie from another site. */
async function refusedCredentials({ line, credential }: Operation, user: SignedIn): Promise<RestAnswer[]> {
  const from = { origin: "https://evil.example" };
  const byCookie = { ...cookie(user.token, "__Host-latchkey_session"), ...from };
  const bad = credential({ ...user, token: "a.b.c" });
  const asked = [{}, bad].map((headers) => call(gateway.url, line, headers));
  return Promise.all(line.startsWith("GET ") ? asked : [...asked, call(gateway.url, line, byCookie)]);
}

/** The paths that dialects share: whose request is nobody's in particular is answered by one of them. */
describe.each(DOCUMENTED.filter(([, line]) => line === "POST /auth/login" || line === "POST /auth/logout"))(
  "%s: %s",
  (name, line) => {
    it.each<[what: string, headers: Record<string, string>, body: string | undefined]>([
      ["nothing at all", {}, undefined],
      ["a body that is no JSON", {}, "{"],
      ["a body of another type", { "content-type": "text/plain" }, "{}"],
      ["JSON that is no login", {}, "{}"],
      ["two credentials", { "x-auth-token": "a.b.c", "x-access-token": "a.b.c" }, undefined],
      ["Basic of nobody", { authorization: "Basic YTpi" }, undefined],
      ["a Bearer token that is none", { authorization: "Bearer a.b.c" }, undefined],
      ["a JWT that is none", { authorization: "JWT a.b.c" }, undefined],
    ])(
      "describes the refusal of a request with %s, whichever dialect answers it",
      async (_what, headers, body) => {
        expectDescribed(operationOf(name, line), await call(gateway.url, line, headers, body));
      },
    );
  },
);
