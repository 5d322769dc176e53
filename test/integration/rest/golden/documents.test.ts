import { base64, PASSWORD, registerUser, send, type SignedIn } from "../../../support/client.js";
import { call, keyOf } from "../../../support/rest/call.js";
import { LOGIN, USERID_JWT_REGISTER } from "../../../support/rest/token-uses.js";
import { onEachGateway } from "../../../support/with-gateway.js";
import {
  INSTANT,
  JWT,
  CTOREGISTRY_ERROR,
  USERTOKEN_ERROR,
  WEBITEL_ERROR,
  USERID_JWT_ERROR,
  USERID_JWT_LOGIN_ERROR,
  UUID,
} from "../../../support/rest/shapes.js";
import {
  CURL,
  headOf,
  OK,
  OK_VARY,
  perform,
  UNAUTHORIZED,
  UNAUTHORIZED_VARY,
  type TranscriptAnswer,
} from "./transcripts.js";

const LOGIN_TEMPLATE = (userid: string, password = PASSWORD) => `{ 
    "userid" : "${userid}",
    "password" : "${password}"
}`;

// Every request here is printed so in the document of the service that is replaced, but for its credentials.
onEachGateway("the documents' own requests", (setup) => {
  /** The username of two documents' examples. */
  let ann: SignedIn;
  let basic: string;

  beforeAll(async () => {
    ann = await registerUser(setup.graphql, { username: "100@mydomain.com", phone: "135 0000 0001" });
    basic = `Authorization: Basic ${base64(`${ann.username}:${PASSWORD}`)}`;
  });

  const freshToken = async (): Promise<string> =>
    (await call(setup.url, LOGIN, { authorization: basic.slice("Authorization: ".length) })).body.token;

  const statusOf = async (token: string): Promise<string> => {
    const { data, reason } = await send(setup.graphql, "{ me { username } }", {}, { authorization: token });
    return data?.me?.username ?? reason;
  };

  describe("ctoregistry", () => {
    const host = "ctoregistry.com";
    const type = "Content-Type: application/json";
    const body = () => JSON.stringify({ username: ann.username, password: PASSWORD });

    it.each(["/api/v1/security/authentication", "/security/authentication"])("POST %s", async (path) => {
      // The route is public: the placeholder that the document prints is no obstacle.
      for (const credential of ["{{_JWT_TOKEN_}}", ann.token]) {
        const headers = [...CURL, `Authorization: ${credential}`, type];
        const answer = await perform(setup.url, { line: `POST ${path}`, host, headers, body: body() });
        expect(headOf(answer)).toEqual(OK);
        expect(answer.json).toEqual({
          id: { id: ann.id },
          token: expect.stringMatching(JWT),
          privilege: expect.stringMatching(JWT),
        });
        expect(await statusOf(answer.json.token)).toBe(ann.username);
      }
      const bodiless = { line: `POST ${path}`, host, headers: [...CURL, type] };
      const refused = await perform(setup.url, bodiless);
      expect([refused.status, refused.json]).toEqual([400, CTOREGISTRY_ERROR("authentication")]);
    });

    it.each(["/api/v1/security/logout", "/security/logout"])("PUT %s", async (path) => {
      const token = await freshToken();
      const request = { line: `PUT ${path}`, host, headers: [...CURL, `Authorization: ${token}`, type] };
      const answer = await perform(setup.url, request);
      expect(headOf(answer)).toEqual(OK);
      expect(answer.json).toEqual({
        status: expect.any(String),
        action: expect.any(String),
        id: { id: ann.id },
        result: expect.any(String),
      });
      expect(await statusOf(token)).toBe("TOKEN_REVOKED");
      const again = await perform(setup.url, request);
      expect([headOf(again), again.json]).toEqual([UNAUTHORIZED, CTOREGISTRY_ERROR("logout")]);
    });

    it.each(["/api/v1/security/privilegeToken", "/security/privilegeToken"])("GET %s", async (path) => {
      const headers = [...CURL, `Authorization: ${ann.token}`, type];
      const answer = await perform(setup.url, { line: `GET ${path}`, host, headers });
      expect([headOf(answer), answer.json]).toEqual([OK, { privilege: expect.stringMatching(JWT) }]);
      const placeholder = [...CURL, "Authorization: {{_JWT_TOKEN_}}", type];
      const refused = await perform(setup.url, { line: `GET ${path}`, host, headers: placeholder });
      expect([headOf(refused), refused.json]).toEqual([UNAUTHORIZED, CTOREGISTRY_ERROR("privilegeToken")]);
    });
  });

  describe.each([
    ["usertoken-bearer", (token: string) => `Authorization: Bearer ${base64(`${ann.username}:${token}`)}`],
    ["usertoken-bearer, with the raw token", (token: string) => `Authorization: Bearer ${token}`],
    ["usertoken-xauth", (token: string) => `X-Auth-Token: ${base64(`${ann.username}:${token}`)}`],
  ])("%s", (_name, present) => {
    const host = "example.tld";
    const accept = "Accept: application/json";
    const USER_TOKEN = {
      creationTime: expect.stringMatching(INSTANT),
      enabled: true,
      token: expect.stringMatching(JWT),
      version: 0,
    };

    it("POST /auth/login", async () => {
      const request = { line: "POST /auth/login", host, headers: [accept, basic] };
      const answer = await perform(setup.url, request);
      expect(headOf(answer)).toEqual(OK_VARY);
      // Beside what the example prints: tokens end by default, and the document has a field for when.
      expect(answer.json).toEqual({ ...USER_TOKEN, expirationTime: expect.stringMatching(INSTANT) });
      expect(await statusOf(answer.json.token)).toBe(ann.username);
      const wrong = [accept, `Authorization: Basic ${base64(`${ann.username}:wrong`)}`];
      for (const headers of [wrong, [accept, "Authorization: Basic"], [accept]]) {
        const refused = await perform(setup.url, { ...request, headers });
        expect([headOf(refused), refused.json]).toEqual([UNAUTHORIZED_VARY, USERTOKEN_ERROR]);
      }
    });

    it("POST /auth/login with note and expirationTime", async () => {
      const expirationTime = `${new Date(Date.now()).getUTCFullYear() + 1}-07-29T23:59:59-05:00`;
      const headers = [accept, basic, "Content-Type: application/json"];
      const body = `{ "note": "Client API Access", "expirationTime": "${expirationTime}" }`;
      const answer = await perform(setup.url, { line: "POST /auth/login", host, headers, body });
      expect(headOf(answer)).toEqual(OK_VARY);
      expect(answer.json).toEqual({
        ...USER_TOKEN,
        note: "Client API Access",
        expirationTime: expect.stringMatching(INSTANT),
      });
      expect(Date.parse(answer.json.expirationTime)).toBe(Date.parse(expirationTime));
    });

    it("POST /auth/bump", async () => {
      const request = (token: string) => ({
        line: "POST /auth/bump",
        host,
        headers: [accept, present(token)],
      });
      const answer = await perform(setup.url, request(ann.token));
      expect(headOf(answer)).toEqual(OK_VARY);
      expect(answer.json).toEqual({ lastLoginTime: expect.stringMatching(INSTANT) });
      const refused = await perform(setup.url, request("b94cf5c7-cddc-4610-9d4c-6b8e04088ae8"));
      expect([headOf(refused), refused.json]).toEqual([UNAUTHORIZED_VARY, USERTOKEN_ERROR]);
    });

    it("POST /auth/logout", async () => {
      const token = await freshToken();
      const request = { line: "POST /auth/logout", host, headers: [accept, present(token)] };
      const answer = await perform(setup.url, request);
      expect([headOf(answer), answer.json]).toEqual([OK_VARY, { success: true }]);
      expect(await statusOf(token)).toBe("TOKEN_REVOKED");
      const again = await perform(setup.url, request);
      expect([headOf(again), again.json]).toEqual([UNAUTHORIZED_VARY, USERTOKEN_ERROR]);
    });
  });

  describe("webitel", () => {
    const host = "api.webitel.com:10022";
    const type = "Content-Type: application/json";
    const login = (headers: string[], body: string) =>
      perform(setup.url, { line: "POST /login", host, headers, body });

    const expectToken = (answer: TranscriptAnswer) => {
      expect(headOf(answer)).toEqual(OK);
      expect(answer.json).toEqual({
        key: expect.stringMatching(UUID),
        username: "100@mydomain.com",
        expires: expect.any(Number),
        token: expect.stringMatching(JWT),
        role: 2,
      });
      // As many digits as the example's: milliseconds.
      expect(String(answer.json.expires)).toMatch(/^\d{13}$/);
    };

    it("POST /login", async () => {
      expectToken(
        await login(
          [type],
          `{
        "username": "100@mydomain.com",
        "password": "${PASSWORD}"
      }`,
        ),
      );
    });

    it("POST /login by curl", async () => {
      expectToken(await login([...CURL, type], `{"username":"100@mydomain.com","password":"${PASSWORD}"}`));
    });

    it.each([
      ["400 Bad Request", { password: "secret" }, "User name is required"],
      ["401 Unauthorized", { username: "100@mydomain.com", password: "secret" }, "Invalid credentials"],
      ["404 Not Found", { username: "101@mydomain.com", password: "secret" }, "User not found"],
    ])("POST /login refused: %s", async (status, body, info) => {
      const answer = await login([type], JSON.stringify(body));
      expect(headOf(answer)).toEqual({ ...OK, statusLine: `HTTP/1.1 ${status}` });
      expect(answer.json).toEqual(WEBITEL_ERROR(info));
    });

    it.each([
      ["", []],
      [" by curl", CURL],
    ])("POST /logout%s", async (_how, more) => {
      const token = await freshToken();
      const headers = [...more, `X-Access-Token: ${token}`, `X-Key: ${keyOf(token)}`];
      const answer = await perform(setup.url, { line: "POST /logout", host, headers });
      expect(headOf(answer)).toEqual(OK);
      expect(answer.json).toEqual({ status: "OK", info: "Successful logout." });
      expect(await statusOf(token)).toBe("TOKEN_REVOKED");
    });

    it.each([
      [
        "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJleHAiOjE0NDIwMDIxNzkzNTh9.pKXWfzXqbp8FMbOKocNaSlT1bYq4Xqzol-0kEXOY0_s",
        "8fd26a17-eb28-4c74-aa6f-a3794f4f466c",
      ],
      [
        "yJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJleHAiOjE0NDIwMDUzOTY0ODh9.xCf6fbvOPc-CkYdD9MPxLXBEukHm1KX6w5zN5q55OBQ",
        "c1d19874-f2bb-4284-94ac-043cb97288fe",
      ],
    ])("POST /logout with the token and key that are printed is refused: %#", async (token, key) => {
      const headers = [...CURL, `X-Access-Token: ${token}`, `X-Key: ${key}`];
      const answer = await perform(setup.url, { line: "POST /logout", host, headers });
      expect([headOf(answer), answer.json]).toEqual([UNAUTHORIZED, WEBITEL_ERROR("Bad caller")]);
    });
  });

  describe("userid-jwt", () => {
    const host = "example.org";
    const headers = ["Content-Type: application/json"];
    const names = { username: "name", email: "foo@foo.com", phone: "135 5550 0100" };
    const account = {
      uid: expect.stringMatching(UUID),
      ...names,
      locale: "en",
      role: "viewer",
      privilegeLevel: 0,
    };
    const PREFIXED = expect.stringMatching(new RegExp(JWT.source.replace("^", "^JWT ")));
    const post = (path: string, body: string, more: string[] = []) =>
      perform(setup.url, { line: `POST ${path}`, host, headers: [...headers, ...more], body });

    beforeAll(async () => {
      await call(setup.url, USERID_JWT_REGISTER, {}, { ...names, password: PASSWORD });
    });

    it.each(Object.values(names))("/auth/login as %s", async (userid) => {
      const answer = await post("/auth/login", LOGIN_TEMPLATE(userid));
      expect(headOf(answer)).toEqual({ ...OK, vary: "Accept" });
      expect(answer.json).toEqual({ status: 1, userinfo: { ...account, token: expect.stringMatching(JWT) } });
      expect(answer.headers["set-cookie"]).toContain(answer.json.userinfo.token);
    });

    it("/auth/login refused", async () => {
      const answer = await post("/auth/login", LOGIN_TEMPLATE("username/email/phone", "your password"));
      expect([answer.statusLine, answer.json]).toEqual([UNAUTHORIZED.statusLine, USERID_JWT_LOGIN_ERROR]);
    });

    it.each([
      ["/auth/login", USERID_JWT_LOGIN_ERROR],
      ["/auth/token", USERID_JWT_ERROR],
    ])("the comma that is printed at the end of %s's example is no JSON", async (path, shape) => {
      const printed = `{ 
    "userid" : "username/email/phone",
    "password" : "your password",
}`;
      const answer = await post(path, printed);
      expect([answer.status, answer.json]).toEqual([400, shape]);
    });

    it("/auth/logout", async () => {
      const token = await freshToken();
      const body = `{
    "clientfp" : "fingerprint"
}`;
      const answer = await post("/auth/logout", body, [`Authorization: JWT ${token}`]);
      expect(answer.statusLine).toBe(OK.statusLine);
      expect(answer.json).toEqual({ status: "success", message: "logout successfully" });
      expect(await statusOf(token)).toBe("TOKEN_REVOKED");
      const refused = await post("/auth/logout", body, ["Authorization: JWT xxxx"]);
      expect(refused.statusLine).toBe(UNAUTHORIZED.statusLine);
      expect(refused.json).toEqual({ status: "error", errcode: "401", errmsg: "Unauthorized Logout" });
    });

    it("/auth/register", async () => {
      const body = `{ 
    "username" : "username",
    "email"    : "email@foo.com",
    "phone"    : "135 5550 0101",
    "password" : "${PASSWORD}"
}`;
      const answer = await post("/auth/register", body);
      expect(headOf(answer)).toEqual(OK);
      const own = { username: "username", email: "email@foo.com", phone: "135 5550 0101" };
      expect(answer.json).toEqual({ ...account, ...own, status: "success", token: PREFIXED });
      expect(await statusOf(answer.json.token)).toBe("username");
      const again = await post("/auth/register", body);
      expect([again.status, again.json]).toEqual([409, USERID_JWT_ERROR]);
    });

    it("/auth/token", async () => {
      const answer = await post("/auth/token", LOGIN_TEMPLATE("foo@foo.com"));
      expect(headOf(answer)).toEqual(OK);
      expect(answer.json).toEqual({ ...account, status: "success", token: PREFIXED });
      expect(answer.headers["set-cookie"]).toBeUndefined();
      const refused = await post("/auth/token", LOGIN_TEMPLATE("username/email/phone", "your password"));
      expect([headOf(refused), refused.json]).toEqual([UNAUTHORIZED, USERID_JWT_ERROR]);
    });
  });
});
