import type { DialectName } from "../../../config/dialect-schemas.js";
import type { CredentialForm, Operation } from "./dialect.js";
import type { JsonSchema } from "./json-schema.js";
import type { DialectRow } from "./operation-route.js";

const TITLES: Record<DialectName, string> = {
  ctoregistry: "a bare JWT and a privilege token",
  "usertoken-bearer": "Basic login, Bearer user tokens",
  webitel: "X-Access-Token and X-Key",
  "userid-jwt": "userid, JWT scheme, session cookie",
  "usertoken-xauth": "Basic login, X-Auth-Token",
};

const header = (name: string, description: string) => ({ type: "apiKey", in: "header", name, description });

/** How each form is presented; a form of two headers needs both schemes. */
const SCHEMES: Record<CredentialForm, Record<string, object>> = {
  bare: { bareToken: header("Authorization", "The JWT, without a scheme.") },
  basic: { basic: { type: "http", scheme: "basic" } },
  bearer: {
    bearer: { type: "http", scheme: "bearer", description: "The user token, or Base64(user:token)." },
  },
  "x-auth-token": { authToken: header("X-Auth-Token", "Base64(user:token), or the user token.") },
  "x-access-token": {
    accessToken: header("X-Access-Token", "The token's secret."),
    key: header("X-Key", "The token's key."),
  },
  jwt: { jwt: header("Authorization", "JWT, a space and the token.") },
};

const STATUS_TEXTS: Record<number, string> = {
  400: "The request is malformed.",
  401: "No valid credential was presented.",
  403: "The credential does not allow it.",
  404: "There is no such user.",
  409: "An identifier is taken.",
  413: "The body is too large.",
  415: "The body is not JSON.",
  429: "Too many attempts. `Retry-After` says how many seconds to wait.",
  503: "The service is busy. `Retry-After` says how many seconds to wait.",
};
/** Any operation may be refused so. */
const COMMON_FAILURES = [400, 413, 415, 429, 503];

/**
 * An OpenAPI 3.1 document of the operations of one dialect, from the schemas that validate their bodies.
 *
 * @param all those of the other dialects too: a refusal at a path that they share may be of any one's shape.
 */
export function describeDialect(name: DialectName, all: readonly DialectRow[], issuer: string): object {
  const rows = all.filter((row) => row.name === name);
  const paths: Record<string, Record<string, object>> = {};
  for (const { url, method, path, operation } of rows) {
    const failure = failureAt(all.filter((row) => row.url === url));
    paths[url] = {
      ...paths[url],
      [method.toLowerCase()]: describeOperation(idOf(path, url, rows), name, { ...operation, failure }),
    };
  }
  const forms = rows.map(({ operation }) => formOf(operation)).filter((form) => form !== null);
  return {
    openapi: "3.1.0",
    info: {
      title: `Latchkey: ${name}`,
      summary: TITLES[name],
      version: "1.0.0",
      license: { name: "Proprietary", identifier: "LicenseRef-Proprietary" },
    },
    servers: [{ url: issuer }],
    tags: [{ name, description: TITLES[name] }],
    paths,
    components: { securitySchemes: Object.assign({}, ...forms.map((form) => SCHEMES[form])) as object },
  };
}

function describeOperation(operationId: string, tag: string, operation: Operation): object {
  const { summary, body, answer, failure, failures } = operation;
  const form = formOf(operation);
  const statuses = [...new Set([...failures, ...COMMON_FAILURES])].sort((a, b) => a - b);
  const refusal = (status: number) => [
    status,
    { description: STATUS_TEXTS[status] ?? "It is refused.", content: json(failure) },
  ];
  return {
    operationId,
    tags: [tag],
    summary,
    security: form ? [Object.fromEntries(Object.keys(SCHEMES[form]).map((scheme) => [scheme, []]))] : [],
    ...(body ? { requestBody: { required: body.required, content: json(body.schema) } } : {}),
    responses: {
      200: { description: "It is done.", content: json(answer) },
      ...(Object.fromEntries(statuses.map(refusal)) as object),
    },
  };
}

function failureAt(sharing: readonly DialectRow[]): JsonSchema {
  const shapes = new Map(sharing.map(({ operation: { failure } }) => [JSON.stringify(failure), failure]));
  const [only, ...others] = shapes.values();
  return only && others.length === 0 ? only : { anyOf: [...shapes.values()] };
}

const json = (schema: object) => ({ "application/json": { schema } });

function formOf(operation: Operation): CredentialForm | null {
  if (operation.access === "guarded") return operation.form;
  return operation.access === "basic" ? "basic" : null;
}

/** The last part of the path; with the whole of it where the dialect serves an operation at a second path too. */
function idOf(path: string, url: string, rows: readonly DialectRow[]): string {
  const last = (text: string) => text.slice(text.lastIndexOf("/") + 1);
  const first = rows.find((row) => last(row.path) === last(path));
  return first?.url === url ? last(path) : path.slice(1).replaceAll("/", "_");
}
