import { registerUser, type SignedIn } from "../../../support/client.js";
import { requestHead, sendRaw } from "../../../support/raw-http.js";
import { expectRefusal, fromRaw, type Answer } from "../../../support/answers.js";
import { onEachGateway } from "../../../support/with-gateway.js";

const ALLOWED = "https://app.example";
const PASS = "GET /verify?preflight=pass";
const IDENTITY = ["x-user-id", "x-user-name", "x-user-role", "x-user-scopes", "x-privilege-token"];

/** When forward-auth lets a preflight through: where the operator says so, as nobody's, and nothing else with it. */
onEachGateway(
  "a CORS preflight at /verify",
  (setup) => {
    let user: SignedIn;

    beforeAll(async () => {
      user = await registerUser(setup.graphql);
    });

    const ask = async (headers: string[], line = PASS): Promise<Answer> =>
      fromRaw(await sendRaw(setup.url, requestHead(line, headers)));
    const bearer = () => `Authorization: Bearer ${user.token}`;
    const origin = `Origin: ${ALLOWED}`;
    const wanted = "Access-Control-Request-Method: POST";
    const nginx = "X-Original-Method: OPTIONS";
    const traefik = "X-Forwarded-Method: OPTIONS";

    it.each([
      ["told by nginx", [nginx, origin, wanted]],
      ["told by Traefik or Caddy", [traefik, origin, wanted]],
      ["told by both", [nginx, traefik, origin, wanted]],
      ["of an origin that the gateway does not know", [nginx, "Origin: https://any.example:8443", wanted]],
      ["of a page without an origin", [nginx, "Origin: null", wanted]],
      ["for a method of its own", [nginx, origin, "Access-Control-Request-Method: M-SEARCH"]],
    ])("%s passes with preflight=pass, as nobody's", async (_what, headers) => {
      for (const line of [
        PASS,
        "POST /verify?preflight=pass",
        `${PASS}&scope=keys:manage&audience=billing`,
      ]) {
        const answer = await ask([...headers, "X-User-Id: root"], line);
        expect([answer.status, answer.text, answer.headers.get("content-length")]).toEqual([200, "", "0"]);
        for (const name of IDENTITY) expect(answer.headers.get(name)).toBeNull();
        expect(answer.headers.get("set-cookie")).toBeNull();
      }
    });

    it("names nobody, whatever credential came along", async () => {
      for (const credential of [[bearer()], ["Authorization: Bearer a.b.c"], [bearer(), "X-Auth-Token: x"]]) {
        const answer = await ask([nginx, origin, wanted, ...credential]);
        expect([answer.status, answer.headers.get("x-user-id")]).toEqual([200, null]);
      }
    });

    it("does not pass by default", async () => {
      for (const line of ["GET /verify", "GET /verify?scope=account:read", "POST /verify"])
        expectRefusal(await ask([nginx, origin, wanted], line), 401, "UNAUTHENTICATED");
    });

    it.each([
      ["of an unknown method", [origin, wanted]],
      ...["POST", "GET", "PUT", "DELETE", "options", "OPTIONS, POST", ""].map((method) => [
        `of the method "${method}"`,
        [`X-Original-Method: ${method}`, origin, wanted],
      ]),
      ["of a method that its client says is another", [nginx, "X-Forwarded-Method: POST", origin, wanted]],
      ["whose client alone says OPTIONS", ["X-Original-Method: POST", traefik, origin, wanted]],
      ["whose method is said twice", [nginx, nginx, origin, wanted]],
      ["without an origin", [nginx, wanted]],
      ["with an empty origin", [nginx, "Origin:", wanted]],
      ["with two origins", [nginx, origin, "Origin: https://b.example", wanted]],
      ["with a list of origins", [nginx, `${origin}, https://b.example`, wanted]],
      ["that wants no method", [nginx, origin]],
      ["that wants an empty method", [nginx, origin, "Access-Control-Request-Method:"]],
      ["that wants two methods", [nginx, origin, wanted, "Access-Control-Request-Method: PUT"]],
      ["that wants what is no method", [nginx, origin, "Access-Control-Request-Method: P T"]],
    ] as [string, string[]][])("a request %s is none, and is judged", async (_what, headers) => {
      expectRefusal(await ask(headers), 401, "UNAUTHENTICATED");
      const known = await ask([...headers, bearer()]);
      expect([known.status, known.headers.get("x-user-id")]).toEqual([200, user.id]);
    });

    it.each([
      "preflight=",
      "preflight=PASS",
      "preflight=pass+",
      "preflight=pass&preflight=pass",
      "preflights=pass",
    ])("?%s is 400", async (query) => {
      for (const headers of [[nginx, origin, wanted], [bearer()]])
        expectRefusal(await ask(headers, `GET /verify?${query}`), 400);
    });

    it("is not passed by what stands behind /verify/, nor answered in the name of the service", async () => {
      for (const line of ["OPTIONS /verify/x?preflight=pass", "OPTIONS /verify/", "OPTIONS /verify/%ff"]) {
        for (const headers of [[origin, wanted], [nginx, "Origin: https://any.example", wanted], []]) {
          expectRefusal(await ask(headers, line), 401, "UNAUTHENTICATED");
          expect((await ask([...headers, bearer()], line)).headers.get("x-user-id")).toBe(user.id);
        }
      }
    });

    it("is refused where the proxy asks with OPTIONS itself: some take any 2xx for a yes", async () => {
      for (const line of ["OPTIONS /verify", "OPTIONS /verify?preflight=pass"]) {
        for (const headers of [[origin, wanted, nginx], [bearer()], []]) {
          const answer = await ask(headers, line);
          expectRefusal(answer, 405);
          expect(answer.headers.get("allow")).toBe("GET, POST");
        }
      }
    });
  },
  { ALLOWED_ORIGINS: ALLOWED, PRIVILEGE_AUDIENCES: "supergraph,billing" },
);
