import { withBadSignature } from "../../../support/bad-signature.js";
import { COOKIE, FORMS, type Presentable, type RawHeaders } from "../../../support/credential-forms.js";
import {
  base64,
  basic,
  bearer,
  PASSWORD,
  registerUser,
  tokenStatusOf,
  type SignedIn,
} from "../../../support/client.js";
import {
  BAD_TOKEN_CHALLENGE,
  BASIC_CHALLENGE,
  BEARER_CHALLENGE,
  USERTOKEN_ERROR,
  USERID_JWT_ERROR,
  USERID_JWT_LOGIN_ERROR,
} from "../../../support/rest/shapes.js";
import { expectRefused, JSON_TYPE, sendLine, MARKER } from "../../../support/rest/refusals.js";
import { rows, OPERATIONS, type Operation } from "../../../support/rest/operations.js";
import { describeHostileRequests } from "../../../support/rest/hostile-requests.js";

const GUARDED = rows(({ access }) => access === "guarded");
const PUBLIC = rows(({ access }) => access === "public");
const LOGOUT = "POST /auth/logout";
/** A session cookie that was refused is of no further use. */
const CLEARED = `${COOKIE}=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax`;

const lines = (...headers: RawHeaders) => headers.map(([name, value]) => `${name}: ${value}`);

/** The shape at a path that dialects share is that of the credential; without one of theirs it is userid-jwt's. */
const shapeFor = (target: Operation, error: object): Operation =>
  target.line === LOGOUT ? { ...target, error } : target;

/** What a request presents beside, instead of, or more often than it should. */
describeHostileRequests("credentials", (gateway) => {
  let user: SignedIn;
  let other: SignedIn;
  let presented: Presentable;

  beforeAll(async () => {
    user = await registerUser(gateway.graphql);
    other = await registerUser(gateway.graphql);
    presented = { token: user.token, key: user.key, owner: user.username };
  });

  afterAll(async () => {
    // Nothing of all this has ended it.
    expect(await tokenStatusOf(gateway.graphql, bearer(user.token))).toBe("ok");
  });

  const ask = ({ line }: Operation, ...headers: RawHeaders) => sendLine(gateway.url, line, lines(...headers));
  const form = (name: string, of = presented) => FORMS[name]!(of);

  describe("two credentials", () => {
    const PAIRS: [what: string, headers: () => RawHeaders][] = [
      ["a Bearer token and X-Auth-Token", () => [...form("Bearer raw"), ...form("X-Auth-Token pair")]],
      ["a JWT and X-Access-Token", () => [...form("JWT scheme"), ...form("X-Access-Token and X-Key")]],
      ["X-Auth-Token and X-Key alone", () => [...form("X-Auth-Token raw"), ["X-Key", presented.key]]],
      ["Authorization twice, the same", () => [...form("bare JWT"), ...form("bare JWT")]],
      ["Authorization twice, once empty", () => [...form("Bearer raw"), ["authorization", ""]]],
      ["X-Auth-Token twice", () => [...form("X-Auth-Token pair"), ...form("X-Auth-Token raw")]],
      ["X-Key twice", () => [...form("X-Access-Token and X-Key"), ["x-key", presented.key]]],
      ["a bad one beside a good one", () => [...form("Bearer raw"), ["X-Auth-Token", MARKER]]],
      [
        "Basic and a token",
        () => [["X-Auth-Token", presented.token], ...Object.entries(basic(user.username, PASSWORD))],
      ],
    ];

    it.each(PAIRS)("%s are 400 at every guarded route", async (_what, headers) => {
      for (const [, target] of GUARDED) {
        expectRefused(await ask(target, ...headers()), shapeFor(target, USERID_JWT_ERROR), 400);
      }
    });

    it.each(PAIRS.filter(([what]) => what !== "Basic and a token"))(
      "%s are 400 at every public route",
      async (_what, headers) => {
        for (const [, target] of PUBLIC) {
          const body = JSON.stringify(target.body!(user));
          const answer = await sendLine(
            gateway.url,
            target.line,
            lines(...headers(), ...Object.entries(JSON_TYPE)),
            body,
          );
          expectRefused(answer, target, 400);
        }
      },
    );

    it("Basic and a token are 400 at every public route; at the shared login in usertoken-bearer's shape", async () => {
      for (const [, target] of PUBLIC) {
        const body = JSON.stringify(target.body!(user));
        const both = { ...basic(user.username, PASSWORD), "x-auth-token": presented.token, ...JSON_TYPE };
        const shared =
          target.error === USERID_JWT_LOGIN_ERROR ? { ...target, error: USERTOKEN_ERROR } : target;
        expectRefused(await sendLine(gateway.url, target.line, both, body), shared, 400);
      }
    });

    it("a cookie beside a header is no second one, and nothing is taken from it", async () => {
      const cookie: RawHeaders = [["Cookie", `${COOKIE}=${other.token}`]];
      for (const [, target] of GUARDED) {
        const bad = await ask(target, ...cookie, ["Authorization", `Bearer ${withBadSignature(user.token)}`]);
        expectRefused(bad, shapeFor(target, USERTOKEN_ERROR), 401, BAD_TOKEN_CHALLENGE);
      }
      const { status, body } = await sendLine(
        gateway.url,
        "GET /security/privilegeToken",
        lines(...cookie, ...form("Bearer raw")),
      );
      expect([status, claimsIn(body).sub]).toEqual([200, user.id]);
      expect(await tokenStatusOf(gateway.graphql, bearer(other.token))).toBe("ok");
    });
  });

  describe("no credential", () => {
    const ABSENT: [what: string, headers: RawHeaders][] = [
      ["no header", []],
      ["an empty Authorization", [["Authorization", ""]]],
      ["a blank Authorization", [["Authorization", " \t "]]],
      ["an empty X-Auth-Token", [["X-Auth-Token", ""]]],
      [
        "empty X-Access-Token and X-Key",
        [
          ["X-Access-Token", ""],
          ["X-Key", " "],
        ],
      ],
      ["an emptied cookie", [["Cookie", `${COOKIE}=`]]],
      ["another cookie", [["Cookie", `session=${MARKER}`]]],
      ["a header of another name", [["X-Token", MARKER]]],
    ];

    it.each(ABSENT)("%s is 401 at every guarded route", async (_what, headers) => {
      for (const [, target] of GUARDED) {
        const nobody = { ...USERID_JWT_ERROR, errmsg: "Unauthorized Logout", success: false };
        expectRefused(await ask(target, ...headers), shapeFor(target, nobody), 401, BEARER_CHALLENGE);
      }
    });

    it("an empty Authorization beside a JSON login is absent", async () => {
      for (const [, target] of PUBLIC.filter(([name]) => name !== "userid-jwt register")) {
        const body = JSON.stringify(target.body!(user));
        const headers = { Authorization: "", "X-Auth-Token": "", ...JSON_TYPE };
        expect((await sendLine(gateway.url, target.line, headers, body)).status).toBe(200);
      }
    });
  });

  describe("a credential that is none", () => {
    it("Basic at a guarded route is 401, with the right password too", async () => {
      for (const password of [PASSWORD, MARKER]) {
        for (const [, target] of GUARDED) {
          const answer = await sendLine(gateway.url, target.line, basic(user.username, password));
          expectRefused(answer, shapeFor(target, USERTOKEN_ERROR), 401, BEARER_CHALLENGE);
        }
      }
    });

    it.each(Object.keys(FORMS))("a privilege token by %s is 401 at every guarded route", async (name) => {
      const privilege = { ...presented, token: user.privilege };
      for (const [, target] of GUARDED) {
        const answer = await ask(target, ...FORMS[name]!(privilege), ["Sec-Fetch-Site", "same-origin"]);
        expectRefused(answer, shapeFor(target, errorOf(name)), 401, BAD_TOKEN_CHALLENGE);
      }
    });

    it.each(Object.keys(FORMS))("an invalid token, by %s, is 401 at every guarded route", async (name) => {
      for (const token of [withBadSignature(user.token), unsigned(user.token), "a.b.c", `${user.token}A`]) {
        const headers = FORMS[name]!({ ...presented, token });
        const cookie = name === "session cookie" ? CLEARED : undefined;
        for (const [, target] of GUARDED) {
          const answer = await ask(target, ...headers);
          expectRefused(answer, shapeFor(target, errorOf(name)), 401, BAD_TOKEN_CHALLENGE, cookie);
        }
      }
    });

    const token = () => user.token;
    const JUNK: [what: string, header: () => [string, string], error: object][] = [
      ["Bearer without a token", () => ["Authorization", "Bearer"], USERTOKEN_ERROR],
      ["Bearer and a text", () => ["Authorization", `Bearer ${MARKER}`], USERTOKEN_ERROR],
      ["Bearer and two tokens", () => ["Authorization", `Bearer ${token()} ${token()}`], USERTOKEN_ERROR],
      ["Bearer and a comma", () => ["Authorization", `Bearer ${token()}, ${token()}`], USERTOKEN_ERROR],
      ["Bearer, a tab and a token", () => ["Authorization", `Bearer\t${token()}`], USERTOKEN_ERROR],
      ["Bearer and a quoted token", () => ["Authorization", `Bearer "${token()}"`], USERTOKEN_ERROR],
      ["JWT without a token", () => ["Authorization", "JWT"], USERID_JWT_ERROR],
      ["JWT three times over", () => ["Authorization", `JWT JWT JWT ${token()}`], USERID_JWT_ERROR],
      [
        "JWT and a pair",
        () => ["Authorization", `JWT ${base64(`${user.username}:${token()}`)}`],
        USERID_JWT_ERROR,
      ],
      [
        "a pair without a scheme",
        () => ["Authorization", base64(`${user.username}:${token()}`)],
        USERID_JWT_ERROR,
      ],
      ["a scheme that nobody knows", () => ["Authorization", `Token ${token()}`], USERID_JWT_ERROR],
      ["Digest", () => ["Authorization", `Digest username="${MARKER}"`], USERID_JWT_ERROR],
      ["the placeholder of a document", () => ["Authorization", "{{_JWT_TOKEN_}}"], USERID_JWT_ERROR],
      ["a template that was not filled in", () => ["Authorization", "Bearer undefined"], USERTOKEN_ERROR],
      ["X-Auth-Token and a scheme", () => ["X-Auth-Token", `Bearer ${token()}`], USERTOKEN_ERROR],
      ["X-Access-Token alone", () => ["X-Access-Token", token()], USERID_JWT_ERROR],
      ["X-Key alone", () => ["X-Key", user.key], USERID_JWT_ERROR],
      ["9 KB", () => ["Authorization", `Bearer ${"a".repeat(9_000)}.b.c`], USERTOKEN_ERROR],
      ["bytes beyond ASCII", () => ["Authorization", `Bearer ${token()}\u00e9`], USERTOKEN_ERROR],
    ];

    it.each(JUNK)("%s is 401 at every guarded route", async (_what, header, error) => {
      for (const [, target] of GUARDED) {
        const answer = await ask(target, header());
        expectRefused(answer, shapeFor(target, error), 401, BAD_TOKEN_CHALLENGE);
      }
    });

    it("the key of another token, or in other letters, is 401", async () => {
      for (const key of [other.key, user.key.toUpperCase(), `${user.key}0`, MARKER, "0"]) {
        for (const [, target] of GUARDED) {
          const answer = await ask(target, ["X-Access-Token", user.token], ["X-Key", key]);
          expectRefused(answer, shapeFor(target, USERID_JWT_ERROR), 401, BAD_TOKEN_CHALLENGE);
        }
      }
    });

    it.each([
      ...JUNK.map(([what, header]) => [what, header] as const),
      ["Basic of nobody", () => ["Authorization", "Basic YTpi"]] as const,
    ])("%s keeps nobody from signing in by JSON", async (_what, header) => {
      // The shared login takes Basic for what it is.
      const [name, value] = header() as [string, string];
      const endpoints = PUBLIC.filter(
        ([endpoint, { line }]) =>
          endpoint !== "userid-jwt register" &&
          !line.includes("/v1/") &&
          !(value.startsWith("Basic") && line.endsWith("auth/login")),
      );
      const asked = endpoints.map(async ([endpoint, { line, body }]) => {
        const { status } = await sendLine(
          gateway.url,
          line,
          lines([name, value], ...Object.entries(JSON_TYPE)),
          JSON.stringify(body!(user)),
        );
        return [endpoint, status];
      });
      expect(await Promise.all(asked)).toEqual(endpoints.map(([endpoint]) => [endpoint, 200]));
    });
  });

  it("Basic at the shared login signs in whatever the body says, and outranks a JSON login", async () => {
    const login = OPERATIONS.find(({ access }) => access === "basic")!;
    const json = JSON.stringify({ userid: other.username, password: PASSWORD });
    const good = await sendLine(
      gateway.url,
      login.line,
      { ...basic(user.username, PASSWORD), ...JSON_TYPE },
      json,
    );
    expect([good.status, claimsIn(good.body).sub]).toEqual([200, user.id]);
    const bad = await sendLine(
      gateway.url,
      login.line,
      { ...basic(user.username, MARKER), ...JSON_TYPE },
      json,
    );
    expectRefused(bad, login, 401, BASIC_CHALLENGE);
  });
});

/** The shape in which the shared logout answers each form. */
const errorOf = (form: string): object =>
  /^(?:Bearer|X-Auth)/.test(form) ? USERTOKEN_ERROR : USERID_JWT_ERROR;

/** The claims of the one JWT in a body. */
function claimsIn(body: string): Record<string, unknown> {
  const payload = /"ey[\w-]+\.([\w-]+)\.[\w-]+"/.exec(body)?.[1] ?? "";
  return JSON.parse(Buffer.from(payload, "base64url").toString()) as Record<string, unknown>;
}

/** The same claims under `alg: none`. */
function unsigned(token: string): string {
  const header = Buffer.from(JSON.stringify({ alg: "none", typ: "user+jwt" })).toString("base64url");
  return `${header}.${token.split(".")[1]}.AA`;
}
