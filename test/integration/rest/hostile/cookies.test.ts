import { makeToken } from "../../../support/token-calls.js";
import { bearer, registerUser, send, tokenStatusOf, type SignedIn } from "../../../support/client.js";
import { cookie } from "../../../support/rest/call.js";
import { BAD_TOKEN_CHALLENGE, USERID_JWT_ERROR } from "../../../support/rest/shapes.js";
import { expectRefused, sendLine } from "../../../support/rest/refusals.js";
import { describeHostileRequests } from "../../../support/rest/hostile-requests.js";
import { rows } from "../../../support/rest/operations.js";

const ALLOWED = "https://app.example.org";
const OWN = "http://localhost:4000";

const unique = (targets: ReturnType<typeof rows>) => [
  ...new Map(targets.map((row) => [row[1].line, row])).values(),
];

/** The routes that change something, each path once, and how they answer a cookie: the shared logout like userid-jwt. */
const CHANGING = unique(rows(({ access, line }) => access === "guarded" && !line.startsWith("GET "))).map(
  ([, { line, error }]) => ({ line, error: line === "POST /auth/logout" ? USERID_JWT_ERROR : error }),
);
const READING = unique(rows(({ access, line }) => access === "guarded" && line.startsWith("GET ")));

/** A page of another site may not act by a visitor's cookie at any route. */
describeHostileRequests(
  "cross-site requests",
  (gateway) => {
    let user: SignedIn;

    beforeAll(async () => {
      user = await registerUser(gateway.graphql);
    });

    const fresh = async () => (await makeToken(gateway.graphql, user.token)).token;

    it("these are the routes that change something", () => {
      expect(CHANGING.map(({ line }) => line)).toEqual([
        "PUT /api/v1/security/logout",
        "PUT /security/logout",
        "POST /auth/bump",
        "POST /auth/logout",
        "POST /logout",
      ]);
    });

    it.each([
      ["another site", { "Sec-Fetch-Site": "cross-site", Origin: "https://evil.example" }],
      ["a form of another site", { "Sec-Fetch-Site": "cross-site", "Content-Type": "text/plain" }],
      ["another origin of the same site", { "Sec-Fetch-Site": "same-site" }],
      ["a sandboxed frame", { "Sec-Fetch-Site": "cross-site", Origin: "null" }],
      ["an older browser on another site", { Origin: "https://evil.example" }],
      ["another site, as JSON", { Origin: "https://evil.example", "Content-Type": "application/json" }],
      ["an origin that only begins like an allowed one", { Origin: `${ALLOWED}.evil.example` }],
      ["an allowed host on another port", { Origin: `${ALLOWED}:8443` }],
      ["an allowed origin and another one", { Origin: `${ALLOWED}, https://evil.example` }],
      ["an empty origin", { Origin: "" }],
      ["a site of a kind that nobody knows", { "Sec-Fetch-Site": "same-planet" }],
      ["a form, without either header", { "Content-Type": "application/x-www-form-urlencoded" }],
      ["a form of parts, without either header", { "Content-Type": "multipart/form-data; boundary=x" }],
      ["a text, without either header", { "Content-Type": "TEXT/plain; charset=utf-8" }],
      ["nothing at all that speaks for it", {}],
    ])("by cookie, a request from %s is 403 at every route that changes something", async (_who, headers) => {
      const token = await fresh();
      for (const { line, error } of CHANGING) {
        const before = await lastLogin();
        const answer = await sendLine(gateway.url, line, {
          ...cookie(token),
          "Content-Length": "0",
          ...headers,
        });
        expectRefused(answer, { error }, 403);
        expect(await lastLogin()).toBe(before);
      }
      expect(await tokenStatusOf(gateway.graphql, bearer(token))).toBe("ok");
    });

    it.each([
      ["a page of the gateway", { "Sec-Fetch-Site": "same-origin" }],
      ["the address bar", { "Sec-Fetch-Site": "none" }],
      ["an older browser on a page of the gateway", { Origin: OWN }],
      ["a page of an allowed origin", { "Sec-Fetch-Site": "cross-site", Origin: ALLOWED }],
      ["no browser: JSON without either header", { "Content-Type": "application/json" }],
    ])("by cookie, a request from %s is done at every route", async (_who, headers) => {
      for (const { line } of CHANGING) {
        const { status } = await sendLine(gateway.url, line, { ...cookie(await fresh()), ...headers });
        expect([line, status]).toEqual([line, 200]);
      }
    });

    it("a cookie alone reads from anywhere: another origin cannot see the answer", async () => {
      for (const [, { line }] of READING) {
        const headers = {
          ...cookie(user.token),
          "Sec-Fetch-Site": "cross-site",
          Origin: "https://evil.example",
        };
        const answer = await sendLine(gateway.url, line, headers);
        expect([answer.status, answer.headers["access-control-allow-origin"]]).toEqual([200, undefined]);
      }
    });

    it("a credential in a header needs no proof, with or without a cookie", async () => {
      for (const { line } of CHANGING) {
        for (const beside of [{}, cookie(user.token)]) {
          const headers = { Origin: "https://evil.example", ...bearer(await fresh()), ...beside };
          expect([line, (await sendLine(gateway.url, line, headers)).status]).toEqual([line, 200]);
        }
      }
      expect(await tokenStatusOf(gateway.graphql, bearer(user.token))).toBe("ok");
    });

    it("a cookie that is no credential is 401, from anywhere, and is cleared unless another may be good", async () => {
      const ended = await fresh();
      await sendLine(gateway.url, "POST /logout", bearer(ended));
      const cleared = expect.stringMatching(/^latchkey_session=; Max-Age=0; /);
      const two = `${user.token}; latchkey_session=${user.token}`;
      for (const token of [ended, "a.b.c", "x", two]) {
        for (const { line, error } of CHANGING) {
          const headers = { ...cookie(token), Origin: "https://evil.example" };
          const { headers: found, ...answer } = await sendLine(gateway.url, line, headers);
          const { "set-cookie": set, ...others } = found;
          expect([token, line, set]).toEqual([token, line, token === two ? undefined : cleared]);
          expectRefused({ ...answer, headers: others }, { error }, 401, BAD_TOKEN_CHALLENGE);
        }
      }
    });

    it("a form of another site cannot sign a visitor in: only JSON and Basic do", async () => {
      const body = JSON.stringify({ userid: user.username, username: user.username, password: "x" });
      for (const [, { line, error }] of rows(({ access }) => access === "public")) {
        for (const type of [
          "text/plain",
          "application/x-www-form-urlencoded",
          "multipart/form-data; boundary=x",
        ]) {
          const headers = {
            "Content-Type": type,
            "Sec-Fetch-Site": "cross-site",
            Origin: "https://evil.example",
          };
          expectRefused(await sendLine(gateway.url, line, headers, body), { error }, 415);
        }
      }
    });

    it("answers to an allowed origin depend on Origin, and where a document says so on Accept", async () => {
      for (const [path, vary] of [
        ["POST /auth/bump", ["Origin", "Accept"]],
        ["PUT /security/logout", ["Origin"]],
      ] as const) {
        const { headers } = await sendLine(gateway.url, path, { Origin: ALLOWED });
        expect(headers.vary?.split(", ").sort()).toEqual([...vary].sort());
        expect(headers["access-control-allow-origin"]).toBe(ALLOWED);
      }
    });

    async function lastLogin(): Promise<unknown> {
      return (await send(gateway.graphql, "{ me { lastLoginTime } }", {}, bearer(user.token))).data.me
        .lastLoginTime;
    }
  },
  { ALLOWED_ORIGINS: ALLOWED },
);

/** Where SESSION_REQUIRE_TOKEN is set, a cookie is no credential, whatever proof is beside it. */
describeHostileRequests(
  "a session that needs its token",
  (gateway) => {
    it("a cookie alone is 401 at every route, and the token in a header is enough", async () => {
      const user = await registerUser(gateway.graphql);
      const reading = READING.map(([, { line, error }]) => ({ line, error }));
      for (const { line, error } of [...reading, ...CHANGING]) {
        const alone = {
          ...cookie(user.token),
          "Sec-Fetch-Site": "same-origin",
          "Content-Type": "application/json",
        };
        expectRefused(await sendLine(gateway.url, line, alone), { error }, 401, BAD_TOKEN_CHALLENGE);
      }
      for (const { line } of [...reading, ...CHANGING]) {
        const { token } = await makeToken(gateway.graphql, user.token);
        const both = { ...cookie(token), ...bearer(token), Origin: "https://evil.example" };
        expect([line, (await sendLine(gateway.url, line, both)).status]).toEqual([line, 200]);
      }
    });
  },
  { SESSION_REQUIRE_TOKEN: "true" },
);
