import { parseSetCookie } from "cookie";
import { COOKIE } from "../../support/credential-forms.js";
import { PASSWORD, registerUser } from "../../support/client.js";
import { onEachDatabase } from "../../support/databases.js";
import { requestHead, sendRaw } from "../../support/raw-http.js";
import { deadTokens, openEndpoints, privilegeOf, type Endpoints } from "../../support/service-endpoints.js";

const graphql = (query: string) => ["POST /graphql", JSON.stringify({ query })] as const;
const ME = graphql("{ me { id } }");

/** Every kind of request that looks at the credential, and what it answers for a dead one. */
const REQUESTS: [request: readonly [line: string, body: string], status: number][] = [
  [ME, 200],
  [graphql("mutation { logout { success } }"), 200],
  [graphql("{ __typename }"), 200],
  [graphql("{ me { nothing } }"), 400],
  [["POST /auth/logout", ""], 401],
  [["POST /auth/bump", ""], 401],
  [["POST /logout", ""], 401],
  [["PUT /security/logout", ""], 401],
  [["GET /api/v1/security/privilegeToken", ""], 401],
  [["GET /verify", ""], 401],
  [["POST /verify/x", ""], 401],
];

const CLEARED = {
  name: COOKIE,
  value: "",
  path: "/",
  httpOnly: true,
  sameSite: "lax",
  maxAge: 0,
  expires: new Date(0),
};

onEachDatabase(
  "a session cookie that is refused",
  (create) => {
    let endpoints: Endpoints;

    beforeAll(async () => {
      endpoints = await openEndpoints(await create());
    });

    afterAll(() => endpoints.close());

    const ask = async ([line, body]: readonly [string, string], headers: string[], url = endpoints.url) => {
      const typed = body === "" ? [] : ["Content-Type: application/json"];
      const head = requestHead(line, [...headers, ...typed, `Content-Length: ${Buffer.byteLength(body)}`]);
      const answer = await sendRaw(url, head, body);
      const set = answer.headers["set-cookie"];
      return { ...answer, cookie: set === undefined ? null : parseSetCookie(set) };
    };
    const by = (...tokens: string[]) => `Cookie: ${tokens.map((token) => `${COOKIE}=${token}`).join("; ")}`;

    it("is cleared by every answer, whatever it was refused for", async () => {
      const dead = await deadTokens(endpoints);
      for (const [name, token] of dead) {
        for (const [request, status] of REQUESTS) {
          const answer = await ask(request, [by(token)]);
          expect([name, request, answer.status, answer.cookie]).toEqual([name, request, status, CLEARED]);
        }
      }
    });

    it("gives way to the new one of a login in the same request, and to none of a login without", async () => {
      const { username } = endpoints.ann;
      const login = (session: boolean) =>
        graphql(
          `mutation { login(input: {userid: "${username}", password: "${PASSWORD}", session: ${session}}) { token } }`,
        );
      const signedIn = await ask(login(true), [by("a.b.c")]);
      expect(signedIn.cookie?.value).toBe(JSON.parse(signedIn.body).data.login.token);
      expect((await ask(login(false), [by("a.b.c")])).cookie).toEqual(CLEARED);
    });

    it("is cleared by a login of a dialect that sets one only by the new one", async () => {
      const body = JSON.stringify({ userid: endpoints.ann.username, password: PASSWORD });
      const answer = await ask(["POST /auth/login", body], [by("a.b.c")]);
      expect(answer.cookie?.value).toBe(JSON.parse(answer.body).userinfo.token);
    });

    it.each([
      ["a good one", () => [by(endpoints.ann.token)]],
      [
        "a good one that another page may have sent",
        () => [by(endpoints.ann.token), "Sec-Fetch-Site: cross-site"],
      ],
      ["none", () => []],
      ["an empty one", () => [by("")]],
      ["two, of which one may be good", () => [by(endpoints.ann.token, "a.b.c")]],
      [
        "a dead one below a good token in a header",
        () => [by("a.b.c"), `Authorization: JWT ${endpoints.ann.token}`],
      ],
      [
        "a good one below a bad token in a header",
        () => [by(endpoints.ann.token), "Authorization: JWT a.b.c"],
      ],
      ["a dead one below a bad token in a header", () => [by("a.b.c"), "X-Auth-Token: a.b.c"]],
      [
        "a dead one beside two credentials",
        () => [by("a.b.c"), "X-Auth-Token: a.b.c", "Authorization: a.b.c"],
      ],
      ["a dead one of another name", () => ["Cookie: session=a.b.c"]],
    ] as [string, () => string[]][])("%s is left alone", async (_what, headers) => {
      for (const request of [ME, ["GET /verify", ""], ["GET /security/privilegeToken", ""]] as const)
        expect((await ask(request, headers())).cookie).toBeNull();
    });

    it("a privilege token that reads by it is left alone", async () => {
      const privilege = await privilegeOf(endpoints.graphql, endpoints.ann.token);
      const answer = await ask(ME, [by(privilege)]);
      expect([JSON.parse(answer.body).data.me.id, answer.cookie]).toEqual([endpoints.ann.id, null]);
    });

    it("is left alone where a cookie alone is no credential: it may be good beside its token", async () => {
      const own = await openEndpoints(await create(), { SESSION_REQUIRE_TOKEN: "true" });
      const { token } = await registerUser(own.graphql);
      for (const request of [ME, ["GET /security/privilegeToken", ""]] as const)
        expect((await ask(request, [by(token)], own.url)).cookie).toBeNull();
      await own.close();
    });
  },
  ["sqlite"],
);
