import { withBadSignature } from "../../support/bad-signature.js";
import {
  basic,
  bearer,
  loginUser,
  PASSWORD,
  registerUser,
  send,
  uniqueName,
  type SignedIn,
} from "../../support/client.js";
import { untilExpected } from "../../support/until.js";
import { moveTime } from "../../support/token-calls.js";
import { bare, call, cookie, jwt, keyOf, xAccess, xAuth, type RestAnswer } from "../../support/rest/call.js";
import {
  GUARDED,
  JSON_LOGINS,
  LOGIN,
  loginBody,
  LOGOUT,
  CTOREGISTRY_LOGIN,
  WEBITEL_LOGIN,
  USERID_JWT_REGISTER,
  USERID_JWT_TOKEN,
} from "../../support/rest/token-uses.js";
import { onEachGateway } from "../../support/with-gateway.js";
import {
  BAD_TOKEN_CHALLENGE,
  BASIC_CHALLENGE,
  BEARER_CHALLENGE,
  CTOREGISTRY_ERROR,
  USERTOKEN_ERROR,
  WEBITEL_ERROR,
  USERID_JWT_ERROR,
  USERID_JWT_LOGIN_ERROR,
} from "../../support/rest/shapes.js";

/** Everything of an answer that a stranger could compare. */
const bytesOf = ({ status, headers, text }: RestAnswer) => {
  const named = [...headers].filter(([name]) => name !== "date");
  return JSON.stringify([status, named, text]);
};

/** Which credentials are ignored and which refused, and in what words. */
onEachGateway("refusals of all dialects", (setup) => {
  let ann: SignedIn;
  let dead: Record<string, Record<string, string>>;

  beforeAll(async () => {
    ann = await registerUser(setup.graphql);
    const [expired, revoked, stranger] = [
      await registerUser(setup.graphql),
      await registerUser(setup.graphql),
      await registerUser(setup.graphql),
    ];
    await moveTime(setup.database, expired.key, "expirationTime", Date.now());
    await send(setup.graphql, "mutation { logout { success } }", {}, bearer(revoked.token));
    dead = {
      garbage: bearer("garbage"),
      "a JWT with a bad signature": bare(withBadSignature(stranger.token)),
      "an expired JWT": jwt(expired.token),
      "a revoked token": xAuth(revoked.username, revoked.token),
      "half of a pair": { "x-key": stranger.key },
      "a pair with another key": xAccess(stranger.token, ann.key),
      "a revoked cookie": cookie(revoked.token),
      "an unknown scheme": { authorization: 'Digest username="ann"' },
    };
  });

  const person = () => ({ username: ann.username, password: PASSWORD });

  it("a bad, expired or revoked credential is ignored on public routes", async () => {
    for (const [what, headers] of Object.entries(dead)) {
      const lines = what === "garbage" ? JSON_LOGINS : [WEBITEL_LOGIN];
      for (const line of lines) {
        const { status } = await call(setup.url, line, headers, loginBody(line, person()));
        expect([line, what, status]).toEqual([line, what, 200]);
      }
      // Cheaper than a login: it is refused for what it says, not for who says it.
      for (const [line, body] of [
        [LOGIN, { userid: ann.username }],
        [USERID_JWT_TOKEN, { userid: ann.username }],
        [CTOREGISTRY_LOGIN, { username: ann.username }],
        [USERID_JWT_REGISTER, { username: uniqueName() }],
      ] as const) {
        const { status } = await call(setup.url, line, headers, body);
        expect([line, what, status]).toEqual([line, what, 400]);
      }
    }
    const registered = await call(setup.url, USERID_JWT_REGISTER, dead["a revoked token"], {
      username: uniqueName(),
      password: PASSWORD,
    });
    expect([registered.status, registered.body.status]).toEqual([200, "success"]);
    const byBasic = await call(setup.url, LOGIN, { ...basic(ann.username, PASSWORD), ...cookie("garbage") });
    expect([byBasic.status, byBasic.body.enabled]).toEqual([200, true]);
  });

  it("two mechanisms at once are still 400 on public routes, in the dialect's own shape", async () => {
    const two = { ...bearer("garbage"), "x-auth-token": "garbage" };
    const shapes: [line: string, shape: object][] = [
      [CTOREGISTRY_LOGIN, CTOREGISTRY_ERROR("authentication")],
      [WEBITEL_LOGIN, WEBITEL_ERROR()],
      [LOGIN, USERID_JWT_LOGIN_ERROR],
      [USERID_JWT_TOKEN, USERID_JWT_ERROR],
      [USERID_JWT_REGISTER, USERID_JWT_ERROR],
    ];
    for (const [line, shape] of shapes) {
      const body = line === USERID_JWT_REGISTER ? person() : loginBody(line, person());
      const answer = await call(setup.url, line, two, body);
      expect([line, answer.status, answer.body]).toEqual([line, 400, shape]);
      expect(answer.headers.get("set-cookie")).toBeNull();
    }
    const good = { ...xAuth(ann.username, ann.token), ...bearer(ann.token) };
    expect((await call(setup.url, WEBITEL_LOGIN, good, person())).status).toBe(400);
    const byBasic = await call(setup.url, LOGIN, { ...basic(ann.username, PASSWORD), ...xAccess(ann.token) });
    expect([byBasic.status, byBasic.body]).toEqual([400, USERTOKEN_ERROR]);
  });

  it("an unknown user is 404 on webitel's own route only", async () => {
    const unknown = { username: "nobody-of-that-name", password: PASSWORD };
    const statuses: Record<string, number> = {};
    for (const line of JSON_LOGINS)
      statuses[line] = (await call(setup.url, line, {}, loginBody(line, unknown))).status;
    expect(statuses).toEqual({
      ...Object.fromEntries(JSON_LOGINS.map((line) => [line, 401])),
      [WEBITEL_LOGIN]: 404,
    });
    expect((await call(setup.url, LOGIN, basic(unknown.username, PASSWORD))).status).toBe(401);
  });

  it("everywhere else an unknown user and a wrong password are the same in status and body", async () => {
    const gone = await registerUser(setup.graphql);
    await setup.database.query("UPDATE `user` SET enabled = ? WHERE id = ?", [0, gone.id]);
    const failures = [
      { username: ann.username, password: "wrong password" },
      { username: "nobody-of-that-name", password: "wrong password" },
      { username: gone.username, password: PASSWORD },
    ];
    const answersTo = async (send: (failure: (typeof failures)[number]) => Promise<RestAnswer>) => {
      const answers = await Promise.all(failures.map(send));
      expect(new Set(answers.map(bytesOf)).size).toBe(1);
      expect(answers[0]!.status).toBe(401);
    };
    for (const line of JSON_LOGINS.filter((each) => each !== WEBITEL_LOGIN))
      await answersTo((failure) => call(setup.url, line, {}, loginBody(line, failure)));
    await answersTo(({ username, password }) => call(setup.url, LOGIN, basic(username, password)));
    // webitel tells nobody whether a password was right for an account that is disabled.
    const disabled = await call(setup.url, WEBITEL_LOGIN, {}, failures[2]);
    const wrong = await call(setup.url, WEBITEL_LOGIN, {}, failures[0]);
    expect(bytesOf(disabled)).toBe(bytesOf(wrong));
  });

  it("a 401 of the Basic login carries Basic", async () => {
    for (const headers of [
      {},
      basic(ann.username, "wrong"),
      { authorization: "Basic !" },
      { authorization: "Basic" },
      bearer(ann.token),
    ]) {
      const answer = await call(setup.url, LOGIN, headers);
      expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, BASIC_CHALLENGE]);
    }
  });

  it.each(JSON_LOGINS)("a 401 of the JSON login %s carries Bearer without an error", async (line) => {
    const body = loginBody(line, { username: ann.username, password: "wrong" });
    for (const headers of [{}, bearer("garbage")]) {
      const answer = await call(setup.url, line, headers, body);
      expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, BEARER_CHALLENGE]);
    }
  });

  it.each(GUARDED)("a 401 of %s carries Bearer, with an error only for a token", async (line) => {
    const json = { "content-type": "application/json" };
    const tokenless = [{}, basic(ann.username, PASSWORD), { authorization: "Basic !" }];
    for (const headers of tokenless) {
      const answer = await call(setup.url, line, { ...json, ...headers });
      expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, BEARER_CHALLENGE]);
    }
    for (const [what, headers] of Object.entries(dead)) {
      const answer = await call(setup.url, line, { ...json, ...headers });
      expect([what, answer.status, answer.headers.get("www-authenticate")]).toEqual([
        what,
        401,
        BAD_TOKEN_CHALLENGE,
      ]);
    }
  });

  it("a 200, a 400 and a 404 carry none", async () => {
    for (const [status, line, headers, body] of [
      [200, CTOREGISTRY_LOGIN, {}, person()],
      [400, CTOREGISTRY_LOGIN, {}, {}],
      [404, WEBITEL_LOGIN, {}, { username: "nobody-of-that-name", password: "x" }],
      [400, LOGOUT, { ...bearer("x"), "x-auth-token": "y" }, undefined],
    ] as const) {
      const answer = await call(setup.url, line, headers, body);
      expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([status, null]);
    }
  });

  it("every route audits what it decides: who signed in, who failed, who logged out", async () => {
    const dan = await registerUser(setup.graphql);
    const { key, token } = await loginUser(setup.graphql, { userid: dan.username, password: PASSWORD });
    await call(setup.url, LOGOUT, jwt(token));
    await untilExpected(() => {
      expect(auditOf(dan.id)).toContainEqual({ audit: "logout", tokenKey: key });
    });
    const expected: unknown[] = auditOf(dan.id);
    for (const line of [...JSON_LOGINS, "Basic"]) {
      const login = (password: string) =>
        line === "Basic"
          ? call(setup.url, LOGIN, basic(dan.username, password))
          : call(setup.url, line, {}, loginBody(line, { username: dan.username, password }));
      await login("wrong password");
      const { body } = await login(PASSWORD);
      const issued: string = (body.token ?? body.userinfo.token).replace("JWT ", "");
      const tokenKey = keyOf(issued);
      const out = GUARDED.filter((each) => /logout/.test(each))[expected.length % 4]!;
      expect((await call(setup.url, out, bearer(issued))).status).toBe(200);
      expected.push(
        { audit: "login.failed" },
        { audit: "login.succeeded", tokenKey },
        { audit: "logout", tokenKey },
      );
    }
    await untilExpected(() => {
      expect(auditOf(dan.id)).toEqual(expected);
    });
  });

  /** What the audit trail says of a user. */
  function auditOf(userId: string) {
    const lines = setup.gateway.output.log.split("\n").filter((line) => line.includes(userId));
    return lines.map((line) => {
      const { audit, tokenKey } = JSON.parse(line);
      return tokenKey === undefined ? { audit } : { audit, tokenKey };
    });
  }
});
