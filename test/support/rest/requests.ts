import type { DialectName } from "../../../src/config/dialect-schemas.js";
import { basic, bearer, PASSWORD, registerUser, uniqueName, type SignedIn } from "../client.js";
import { bare, call, cookie, jwt, xAccess, xAuth, type RestAnswer } from "./call.js";

/** Every path of a dialect, as its document has it, with its method. */
export const LINES: Record<DialectName, readonly string[]> = {
  ctoregistry: [
    "POST /api/v1/security/authentication",
    "PUT /api/v1/security/logout",
    "GET /api/v1/security/privilegeToken",
    "POST /security/authentication",
    "PUT /security/logout",
    "GET /security/privilegeToken",
  ],
  "usertoken-bearer": ["POST /auth/login", "POST /auth/bump", "POST /auth/logout"],
  webitel: ["POST /login", "POST /logout"],
  "userid-jwt": ["POST /auth/login", "POST /auth/logout", "POST /auth/register", "POST /auth/token"],
  "usertoken-xauth": ["POST /auth/login", "POST /auth/bump", "POST /auth/logout"],
};

export const NAMES = Object.keys(LINES) as DialectName[];

type Step = [line: string, headers?: Record<string, string>, body?: unknown];

const MALFORMED = '{"userid": ';
const OWN_PAGE = { "sec-fetch-site": "same-origin" };

/** What the clients of each dialect ask for, well and badly; the last steps log the user's token out. */
const STEPS: Record<DialectName, (user: SignedIn) => Step[]> = {
  ctoregistry: ({ username, token }) => [
    ["POST /api/v1/security/authentication", bare("{{_JWT_TOKEN_}}"), { username, password: PASSWORD }],
    ["POST /security/authentication", {}, { username, password: "wrong" }],
    ["POST /security/authentication", {}, { username }],
    ["POST /security/authentication", {}, MALFORMED],
    ["DELETE /security/authentication"],
    ["OPTIONS /api/v1/security/logout"],
    ["GET /security/privilegeToken", bare(token)],
    ["GET /api/v1/security/privilegeToken"],
    ["PUT /api/v1/security/logout", { ...bare(token), "x-auth-token": token }],
    ["PUT /api/v1/security/logout", bare(token)],
    ["PUT /security/logout", bare(token)],
  ],
  "usertoken-bearer": ({ username, token }) => [
    ["POST /auth/login", basic(username, PASSWORD)],
    ["POST /auth/login", basic(username, PASSWORD), { note: "a note", userid: username }],
    ["POST /auth/login", basic(username, "wrong"), { userid: username, password: PASSWORD }],
    ["POST /auth/login", { authorization: "Basic ?" }],
    ["POST /auth/login", basic(username, PASSWORD), MALFORMED],
    ["POST /auth/login", { ...basic(username, PASSWORD), "x-auth-token": token }],
    ["DELETE /auth/bump"],
    ["OPTIONS /auth/logout"],
    ["POST /auth/bump", bearer(token)],
    ["POST /auth/bump"],
    ["POST /auth/logout", { authorization: "Bearer ?" }],
    ["POST /auth/logout", bearer(token)],
    ["POST /auth/logout", bearer(token)],
  ],
  webitel: ({ username, token, key }) => [
    ["POST /login", {}, { username, password: PASSWORD }],
    ["POST /login", {}, { username, password: "wrong" }],
    ["POST /login", {}, { username: `${username}-nobody`, password: PASSWORD }],
    ["POST /login", {}, {}],
    ["POST /login", {}, MALFORMED],
    ["DELETE /login"],
    ["POST /logout"],
    ["POST /logout", { "x-access-token": token }],
    ["POST /logout", { ...cookie(token), origin: "https://evil.example" }],
    ["POST /logout", xAccess(token, key)],
    ["POST /logout", xAccess(token, key)],
  ],
  "userid-jwt": ({ username, token }) => [
    ["POST /auth/login", {}, { userid: username, password: PASSWORD }],
    ["POST /auth/login", bearer("bad"), { userid: username, password: "wrong" }],
    ["POST /auth/login", {}, { userid: username }],
    ["POST /auth/login", {}, MALFORMED],
    ["POST /auth/token", {}, { userid: username, password: PASSWORD }],
    ["POST /auth/token", {}, { userid: username, password: "wrong" }],
    ["POST /auth/register", {}, { username: `${username}-new`, email: "a@example.org", password: PASSWORD }],
    ["POST /auth/register", {}, { username, password: PASSWORD }],
    ["POST /auth/register", {}, { username: `${username}-weak`, password: "password" }],
    ["DELETE /auth/register"],
    ["POST /auth/logout"],
    ["POST /auth/logout", jwt("a.b.c")],
    ["POST /auth/logout", { ...jwt(token), "x-auth-token": token }],
    ["POST /auth/logout", { ...cookie(token), origin: "https://evil.example" }],
    ["POST /auth/logout", { ...cookie(token), ...OWN_PAGE }],
    ["POST /auth/logout", jwt(token), { clientfp: "laptop" }],
  ],
  "usertoken-xauth": ({ username, token }) => [
    ["POST /auth/login", basic(username, PASSWORD), { note: null }],
    ["POST /auth/login", basic("", "")],
    ["POST /auth/bump", xAuth(username, token)],
    ["POST /auth/bump", xAuth("nobody", token)],
    ["POST /auth/bump", { "x-auth-token": "?" }],
    ["POST /auth/logout", { "x-auth-token": "?" }],
    ["POST /auth/logout", xAuth(username, token)],
    ["POST /auth/logout", { "x-auth-token": token }],
  ],
};

const HEADERS = ["content-type", "cache-control", "vary", "www-authenticate", "allow", "set-cookie"];

/** What a dialect answers its clients, without what is different each time: the same from every gateway. */
export async function probe(url: string, name: DialectName, prefix = ""): Promise<unknown[]> {
  const user = await registerUser(`${url}/graphql`, { username: uniqueName("probe") });
  const answers: unknown[] = [];
  for (const [line, headers, body] of STEPS[name](user)) {
    const answer = await call(url, line.replace(" ", ` ${prefix}`), headers, body);
    answers.push({ line, ...withoutTheNew(answer, user, name) });
  }
  return answers;
}

function withoutTheNew({ status, headers, text }: RestAnswer, { username }: SignedIn, name: DialectName) {
  // It is said of a path, for the documents of those who share it with this one.
  const names = HEADERS.filter((header) => !(header === "vary" && name === "userid-jwt"));
  const same = (value: string | null) =>
    value
      ?.replaceAll(username, "<name>")
      .replace(/[\w-]{20,}\.[\w-]{20,}\.[\w-]{20,}/g, "<token>")
      .replace(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g, "<id>")
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")
      .replace(/Expires=\w{3}, \d\d \w{3} 20[^;]+/g, "Expires=<time>")
      .replace(/"expires":\d{13}\b/, '"expires":"<ms>"');
  return { status, headers: names.map((header) => same(headers.get(header))), body: same(text) };
}

/** Whether a path is served at all: 404 says that it is not. */
export async function isServed(url: string, line: string): Promise<boolean> {
  const path = line.split(" ")[1]!;
  const found = await Promise.all([`OPTIONS ${path}`, line].map((each) => call(url, each)));
  const statuses = found.map(({ status }) => status);
  if (statuses.every((status) => status === 404)) {
    expect(found[1]!.body.errors[0].extensions.code).toBe("NOT_FOUND");
    return false;
  }
  expect(statuses[0]).toBe(204);
  expect([404, 405]).not.toContain(statuses[1]);
  return true;
}

/** The OpenAPI document of a dialect; null when there is none. */
export async function documentOf(url: string, name: DialectName): Promise<RestAnswer["body"]> {
  const { status, body } = await call(url, `GET /openapi/${name}.json`);
  if (status === 200) return body;
  expect([status, body.errors[0].extensions.code]).toEqual([404, "NOT_FOUND"]);
  return null;
}

/** What an OpenAPI document lists. */
export const linesIn = ({ paths }: { paths: Record<string, object> }): string[] =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
