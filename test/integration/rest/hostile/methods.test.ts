import { METHODS } from "node:http";
import { expectRefusal, fromRaw } from "../../../support/answers.js";
import { PASSWORD, registerUser, type SignedIn } from "../../../support/client.js";
import type { RawAnswer } from "../../../support/raw-http.js";
import { USERTOKEN_ERROR, USERID_JWT_ERROR, USERID_JWT_LOGIN_ERROR } from "../../../support/rest/shapes.js";
import { expectRefused, JSON_TYPE, sendLine, MARKER } from "../../../support/rest/refusals.js";
import { PATHS, rows, OPERATIONS } from "../../../support/rest/operations.js";
import { describeHostileRequests } from "../../../support/rest/hostile-requests.js";

/** CONNECT never becomes a request. */
const PARSED = METHODS.filter((method) => method !== "CONNECT");

/** Who asks a shared path in a way that is nobody's is answered like userid-jwt. */
const errorAt = (path: string): object => {
  if (path === "/auth/login") return USERID_JWT_LOGIN_ERROR;
  if (path === "/auth/logout") return USERID_JWT_ERROR;
  return OPERATIONS.find(({ line }) => line.endsWith(` ${path}`))!.error;
};

/** Methods that a path does not know, and paths that are not quite one. */
describeHostileRequests("methods and paths", (gateway) => {
  let user: SignedIn;

  beforeAll(async () => {
    user = await registerUser(gateway.graphql);
  });

  const allow = (method: string) => `${method}, OPTIONS`;

  it.each(PATHS)("%s: every method but %s is 405 with Allow", async (path, method) => {
    const others = PARSED.filter((other) => other !== method && other !== "OPTIONS");
    expect(others.length).toBeGreaterThan(30);
    const asked = others.map((other) => sendLine(gateway.url, `${other} ${path}`, { "X-Marker": MARKER }));
    const answers = await Promise.all(asked);
    answers.forEach((answer, index) => {
      expect([others[index], answer.status, answer.headers.allow]).toEqual([
        others[index],
        405,
        allow(method),
      ]);
      if (others[index] === "HEAD") expect(answer.body).toBe("");
      else expectRefused(answer, { error: errorAt(path) }, 405);
    });
  });

  it.each(PATHS)("%s: a wrong method is 405 whatever is sent with it", async (path, method) => {
    const wrong = method === "POST" ? "PUT" : "POST";
    for (const [type, body] of [
      ["text/xml", `<a>${MARKER}</a>`],
      ["application/json", `{"username": "${MARKER}`],
      ["application/json", MARKER.repeat(10_000)],
    ] as const) {
      const answer = await sendLine(gateway.url, `${wrong} ${path}`, { "Content-Type": type }, body);
      expectRefused(answer, { error: errorAt(path) }, 405);
      expect(answer.headers.allow).toBe(allow(method));
    }
  });

  it("a wrong method at a shared path is answered in the shape of the credential", async () => {
    for (const target of OPERATIONS.filter(({ line }) => line.startsWith("POST /auth/log"))) {
      const answer = await sendLine(
        gateway.url,
        target.line.replace("POST", "DELETE"),
        target.credential(user),
      );
      expectRefused(answer, target, 405);
    }
  });

  it("another method in a header, a query or a body changes nothing", async () => {
    const headers = { "X-HTTP-Method-Override": "PUT", "X-HTTP-Method": "PUT", "X-Method-Override": "PUT" };
    const answer = await sendLine(
      gateway.url,
      "POST /security/logout?_method=PUT",
      { ...headers, ...JSON_TYPE },
      "{}",
    );
    expectRefused(answer, { error: errorAt("/security/logout") }, 405);
  });

  it.each(PATHS)("%s: OPTIONS says that it knows %s", async (path, method) => {
    const { status, headers, body } = await sendLine(gateway.url, `OPTIONS ${path}`);
    expect({ status, allow: headers.allow, body }).toEqual({ status: 204, allow: allow(method), body: "" });
  });

  const NEARLY: Record<string, (path: string) => string> = {
    "a slash behind": (path) => `${path}/`,
    "a slash more before": (path) => `/${path}`,
    "a slash more inside": (path) => path.replace(/(.)\//, "$1//"),
    "upper case": (path) => path.toUpperCase(),
    "a capital": (path) => path.replace(/[a-z]/, (letter) => letter.toUpperCase()),
    "a dot behind": (path) => `${path}.`,
    "a suffix": (path) => `${path}.json`,
    "a dot segment": (path) => `/.${path}`,
    "a way round": (path) => `/x/..${path}`,
    "a parameter": (path) => `${path};v=1`,
    "an encoded slash": (path) => path.replace(/(.)\//, "$1%2f"),
    "a backslash": (path) => path.replace(/(.)\//, "$1\\"),
    "an encoded NUL": (path) => `${path}%00`,
    "an encoded space": (path) => `${path}%20`,
    "an encoded question mark": (path) => `${path}%3fa=b`,
    "something before": (path) => `/v2${path}`,
    "something behind": (path) => `${path}/${MARKER}`,
    "a full-width letter": (path) => path.replace("o", encodeURIComponent("ｏ")),
  };

  it.each(Object.entries(NEARLY))("a path with %s is 404", async (_what, change) => {
    for (const [path, method] of PATHS) {
      // The last two have no second slash.
      const changed = change(path);
      if (changed === path) continue;
      const answer = await sendLine(gateway.url, `${method} ${changed}`, method === "GET" ? {} : JSON_TYPE);
      expectRefusal(fromRaw(answer), 404, "NOT_FOUND");
      expect(answer.text).not.toContain(MARKER);
    }
  });

  it("a path that cannot be decoded is 400", async () => {
    for (const [path, method] of PATHS) {
      expectRefusal(fromRaw(await sendLine(gateway.url, `${method} ${path}%zz`)), 400);
      expectRefusal(fromRaw(await sendLine(gateway.url, `${method} ${path}%c3%28`)), 400);
    }
  });

  describe("query strings", () => {
    const signedIn = (answer: RawAnswer) => [answer.status, answer.body.includes(MARKER)];
    const open = rows(({ access, name }) => access === "public" && name !== "userid-jwt register");

    it.each(open)("%s: nothing is read from one", async (_name, target) => {
      const { body, line, error } = target;
      const given = new URLSearchParams(body!(user) as Record<string, string>).toString();
      const bare = await sendLine(gateway.url, `${line}?${given}`, JSON_TYPE, "{}");
      // An empty object is no JSON login at the shared path: it is asked for Basic there.
      const shared = error === USERID_JWT_LOGIN_ERROR;
      expect(bare.status).toBe(shared ? 401 : 400);
      const wrong = `password=${PASSWORD}&userid=${user.username}&username=${user.username}`.replaceAll(
        " ",
        "+",
      );
      const guess = JSON.stringify({ ...body!(user), password: MARKER });
      expect((await sendLine(gateway.url, `${line}?${wrong}`, JSON_TYPE, guess)).status).toBe(401);
    });

    it.each(open)("%s: any query string is passed over", async (_name, { line, body }) => {
      for (const search of [
        "?",
        "?a",
        `?a=${MARKER}&a=2`,
        "?__proto__[x]=1",
        "?%zz=%00",
        "?a=<b>",
        `?${"a".repeat(8_000)}`,
      ]) {
        const answer = await sendLine(
          gateway.url,
          `${line}${search}`,
          JSON_TYPE,
          JSON.stringify(body!(user)),
        );
        expect(signedIn(answer)).toEqual([200, false]);
      }
    });

    it("a token in one is no credential", async () => {
      for (const [, { line, error }] of rows(({ access }) => access === "guarded")) {
        const search = `?access_token=${user.token}&token=${user.token}&X-Auth-Token=${user.token}`;
        const answer = await sendLine(gateway.url, `${line}${search}`);
        expect(answer.status).toBe(401);
        if (line !== "POST /auth/logout") {
          expectRefused(answer, { error }, 401, 'Bearer realm="latchkey"');
        }
      }
      const login = await sendLine(
        gateway.url,
        `POST /auth/login?note=${MARKER}`,
        OPERATIONS.find(({ access }) => access === "basic")!.credential(user),
      );
      expect([login.status, login.body.includes("note")]).toEqual([200, false]);
    });
  });

  it("whatever a client accepts, the answer is JSON", async () => {
    for (const accept of [
      "text/html,application/xhtml+xml",
      "application/xml",
      "application/json;q=0",
      "*/*",
      MARKER,
      "",
    ]) {
      for (const [, target] of rows(({ access }) => access !== "guarded")) {
        const answer = await sendLine(
          gateway.url,
          target.line,
          { Accept: accept, ...JSON_TYPE },
          '{"userid": 1}',
        );
        const error = target.error === USERTOKEN_ERROR ? USERID_JWT_LOGIN_ERROR : target.error;
        expectRefused(answer, { error }, 400);
      }
    }
  });
});
