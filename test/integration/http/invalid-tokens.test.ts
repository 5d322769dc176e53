import { withBadSignature } from "../../support/bad-signature.js";
import { makeClient } from "../../support/service-client.js";
import { setTimeout as sleep } from "node:timers/promises";
import { base64, bearer, registerUser, send, tokenStatusOf, type SignedIn } from "../../support/client.js";
import { onEachDatabase } from "../../support/databases.js";
import { from, guess, newAddress, STRICT } from "../../support/throttling.js";
import { makeToken, rotate } from "../../support/token-calls.js";
import { ask, expectRefusal, post, type Answer } from "../../support/answers.js";
import {
  deadTokens,
  openEndpoints,
  postForm,
  privilegeOf,
  type Endpoints,
} from "../../support/service-endpoints.js";
import { APOLLO_ROUTER_REQUEST, CLAIMS, HIVE_ROUTER_REQUEST } from "../../support/router-messages.js";

const MOST = 4;
const DAY_S = 86_400;

/** Only invalid tokens are limited so soon; and then for longer than any test lasts. */
const SETTINGS = {
  ...STRICT,
  THROTTLE_FORGERIES: `${MOST}/1d`,
  THROTTLE_SOURCE_FAILURES: "1000/1d",
  THROTTLE_REGISTRATIONS: "1000/1d",
  COPROCESSOR: "on",
};

type Headers = Record<string, string>;

/** What a route says, whatever its shape. */
interface Outcome {
  status: number;
  retryAfter: string | null;
  body: ReturnType<typeof JSON.parse>;
}

const outcomeOf = ({ status, headers, text }: Answer): Outcome => ({
  status,
  retryAfter: headers.get("retry-after"),
  body: text === "" ? null : JSON.parse(text),
});

const verify = async (url: string, credential: Headers, address: string): Promise<Outcome> =>
  outcomeOf(await ask(`${url}/verify`, { headers: { ...credential, ...from(address) } }));

/** The address is what the router was told, as it tells it. */
const coprocess =
  (message: object & { headers: object }) =>
  async (url: string, credential: Headers, address: string): Promise<Outcome> => {
    const told = Object.entries({ ...credential, ...from(address) }).map(([name, value]) => [name, [value]]);
    const headers = { ...message.headers, ...Object.fromEntries(told) };
    const answer = await ask(`${url}/coprocessor`, post(JSON.stringify({ ...message, headers })));
    expect(answer.status).toBe(200);
    const body = JSON.parse(answer.text);
    if (body.control === "continue") return { status: 200, retryAfter: null, body };
    const refused = { body: JSON.parse(body.body), retryAfter: body.headers["retry-after"]?.[0] ?? null };
    return { status: body.control.break, ...refused };
  };

const revoke = async (url: string, { authorization = "" }: Headers, address: string): Promise<Outcome> =>
  outcomeOf(await postForm(`${url}/revoke`, { token: authorization.replace(/^Bearer /, "") }, from(address)));

const ENDPOINTS = {
  "/verify": { call: verify, invalid: 401 },
  "/revoke": { call: revoke, invalid: 200 },
  "/coprocessor, the Apollo Router": { call: coprocess(APOLLO_ROUTER_REQUEST), invalid: 200 },
  "/coprocessor, the Hive Router": { call: coprocess(HIVE_ROUTER_REQUEST), invalid: 200 },
};
const GRAPHQL_SHAPE = {
  errors: [{ extensions: { code: "TOO_MANY_REQUESTS", retryAfter: expect.any(Number) } }],
};

onEachDatabase(
  "invalid tokens at the service endpoints",
  (create) => {
    let endpoints: Endpoints;
    let url: string;
    let invalidToken: string;

    beforeAll(async () => {
      endpoints = await openEndpoints(await create(), SETTINGS);
      url = endpoints.url;
      invalidToken = withBadSignature(endpoints.ann.token);
    });

    afterAll(() => endpoints.close());

    /** Presents so many invalid tokens that one more is refused. */
    async function shut(address: string): Promise<void> {
      for (let count = 0; count < MOST; count++) await verify(url, bearer(invalidToken), address);
      expect((await verify(url, bearer(invalidToken), address)).status).toBe(429);
    }

    /** Somebody who is signed in: this node has verified their token. */
    async function signedIn(): Promise<SignedIn> {
      const user = await registerUser(endpoints.graphql);
      expect(await tokenStatusOf(endpoints.graphql, bearer(user.token))).toBe("ok");
      return user;
    }

    describe.each(Object.entries(ENDPOINTS))("%s", (name, { call, invalid }) => {
      const presentInvalid = (address: string) => call(url, bearer(invalidToken), address);
      const expectOpen = async (address: string) => {
        for (let count = 0; count < MOST; count++)
          expect((await presentInvalid(address)).status).toBe(invalid);
        expect((await presentInvalid(address)).status).toBe(429);
      };

      it("refuses one invalid token too many of a source with 429 and how long to wait, and no other source", async () => {
        const [address, other] = [newAddress(), newAddress()];
        await expectOpen(address);
        const { retryAfter, body } = await presentInvalid(address);
        expect(Number(retryAfter)).toBeGreaterThan(DAY_S - 600);
        expect(Number(retryAfter)).toBeLessThanOrEqual(DAY_S);
        expect(body).toMatchObject(name === "/revoke" ? { error: "temporarily_unavailable" } : GRAPHQL_SHAPE);
        await expectOpen(other);
      });

      it("lets whoever is signed in go on, also from that source", async () => {
        const address = newAddress();
        const { token, id } = await signedIn();
        await shut(address);
        const { status, body } = await call(url, bearer(token), address);
        expect(status).toBe(200);
        if (name.includes("Apollo")) expect(body.context.entries[CLAIMS].sub).toBe(id);
        if (name.includes("Hive")) expect(body.headers.authorization[0]).toMatch(/^Bearer ey/);
        if (name === "/revoke")
          expect(await tokenStatusOf(endpoints.graphql, bearer(token))).toBe("TOKEN_REVOKED");
        expect((await presentInvalid(address)).status).toBe(429);
      });

      it("counts no token that was good once, however it ended", async () => {
        const address = newAddress();
        const all = await deadTokens(endpoints);
        const authentic = all.slice(
          0,
          all.findIndex(([what]) => what === "with a bad signature"),
        );
        expect(authentic.length).toBeGreaterThanOrEqual(8);
        const billing = await privilegeOf(endpoints.graphql, endpoints.ann.token, "billing");
        for (const [what, token] of [...authentic, ["for another audience", billing]] as const) {
          for (let count = 0; count <= MOST; count++) {
            expect([what, (await call(url, bearer(token), address)).status]).not.toEqual([what, 429]);
          }
        }
        await expectOpen(address);
      });

      it("counts whatever is no token of ours", async () => {
        const all = await deadTokens(endpoints);
        const invalidTokens = all.slice(all.findIndex(([what]) => what === "with a bad signature"));
        for (const [what, token] of invalidTokens) {
          const address = newAddress();
          for (let count = 0; count < MOST; count++) await call(url, bearer(token), address);
          expect([what, (await presentInvalid(address)).status]).toEqual([what, 429]);
        }
      });
    });

    it("lets whoever signs in meanwhile go on, and a token that is rotated or made", async () => {
      const address = newAddress();
      await shut(address);
      const user = await registerUser(endpoints.graphql);
      const made = await makeToken(endpoints.graphql, user.token);
      const rotated = await rotate(endpoints.graphql, (await makeToken(endpoints.graphql, user.token)).token);
      for (const { token } of [user, made, rotated]) {
        expect((await verify(url, bearer(token), address)).status).toBe(200);
      }
    });

    it("the routes count together, and no other route counts or refuses", async () => {
      const address = newAddress();
      const calls = Object.values(ENDPOINTS).map(({ call }) => call);
      for (const call of calls) expect((await call(url, bearer(invalidToken), address)).status).not.toBe(429);
      for (const call of calls) expect((await call(url, bearer(invalidToken), address)).status).toBe(429);
      const atGraphql = { ...bearer(invalidToken), ...from(address) };
      expect(await tokenStatusOf(endpoints.graphql, atGraphql)).toBe("INVALID_CREDENTIAL");
      const { authorization } = (await makeClient(endpoints.settings)).headers;
      const asked = { authorization, ...from(address) };
      expect((await postForm(`${url}/introspect`, { token: invalidToken }, asked)).text).toBe(
        '{"active":false}',
      );
      const untouched = newAddress();
      for (let count = 0; count <= MOST; count++) {
        await send(endpoints.graphql, "{ me { id } }", {}, { ...bearer(invalidToken), ...from(untouched) });
      }
      expect((await verify(url, bearer(invalidToken), untouched)).status).toBe(401);
    });

    it("a pair whose parts do not belong together counts like any invalid token", async () => {
      const { token } = await signedIn();
      const pairs: Headers[] = [
        { authorization: `Bearer ${base64(`somebody-else:${token}`)}` },
        { "x-access-token": token, "x-key": endpoints.ann.key },
      ];
      for (const pair of pairs) {
        const address = newAddress();
        for (let count = 0; count < MOST; count++) {
          expect((await verify(url, pair, address)).status).toBe(401);
        }
        expect((await verify(url, bearer(invalidToken), address)).status).toBe(429);
        expect((await verify(url, pair, address)).status).toBe(429);
      }
    });

    it("neither counts nor refuses what presents no token, or a good one", async () => {
      const address = newAddress();
      const { token } = await signedIn();
      const privilege = await privilegeOf(endpoints.graphql, token);
      const basic = { authorization: `Basic ${base64("ann:wrong password")}` };
      const two = { ...bearer(invalidToken), "x-auth-token": invalidToken };
      const requests: [Headers, number][] = [
        [{}, 401],
        [basic, 401],
        [two, 400],
        [bearer(token), 200],
        [bearer(privilege), 401],
      ];
      const expectAsBefore = async () => {
        for (const [headers, status] of requests) {
          expect([headers, (await verify(url, headers, address)).status]).toEqual([headers, status]);
        }
      };
      for (let count = 0; count <= MOST; count++) await expectAsBefore();
      await shut(address);
      await expectAsBefore();
      const { status, body } = await ENDPOINTS["/coprocessor, the Apollo Router"].call(url, {}, address);
      expect([status, body.control]).toEqual([200, "continue"]);
    });

    it("counts an IPv6 /64 as one source, and the next /64 as another", async () => {
      for (let count = 0; count < MOST; count++) {
        await verify(url, bearer(invalidToken), `2001:db8:7:1:${count}::7`);
      }
      expect((await verify(url, bearer(invalidToken), "2001:db8:7:1::9")).status).toBe(429);
      expect((await verify(url, bearer(invalidToken), "2001:db8:7:2::9")).status).toBe(401);
    });

    it("writes one line for a source, with nothing of what was presented, and nothing to the database", async () => {
      const address = newAddress();
      const linesOf = (event: string) =>
        endpoints.gateway.output.log
          .split("\n")
          .filter((line) => line.includes(`"audit":"${event}"`) && line.includes(`"${address}"`));
      const stored = () => endpoints.database.query("SELECT name, amount FROM throttle ORDER BY name");
      const before = await stored();
      await shut(address);
      for (let count = 0; count < MOST; count++) await verify(url, bearer(invalidToken), address);
      expect(await stored()).toEqual(before);
      // The log arrives by itself, in order.
      await guess(endpoints.graphql, "nobody", address);
      while (linesOf("login.failed").length === 0) await sleep(10);
      expect(linesOf("invalid_token.throttled")).toHaveLength(1);
      expect(endpoints.gateway.output.log).not.toContain('"code":"TOO_MANY_REQUESTS"');
      expect(endpoints.gateway.output.log).not.toContain(invalidToken.slice(-40));
    });
  },
  ["sqlite"],
);

onEachDatabase(
  "invalid tokens, without trusted proxies",
  (create) => {
    let endpoints: Endpoints;

    beforeAll(async () => {
      endpoints = await openEndpoints(await create(), { ...SETTINGS, TRUSTED_PROXIES: undefined });
    });

    afterAll(() => endpoints.close());

    it("count against the connection, whatever X-Forwarded-For says, a router's too", async () => {
      const invalidToken = bearer(withBadSignature(endpoints.ann.token));
      const { call } = ENDPOINTS["/coprocessor, the Apollo Router"];
      for (let count = 0; count < MOST; count++) {
        expect((await call(endpoints.url, invalidToken, newAddress())).status).toBe(200);
      }
      expect((await call(endpoints.url, invalidToken, newAddress())).status).toBe(429);
      expect((await verify(endpoints.url, invalidToken, newAddress())).status).toBe(429);
    });
  },
  ["sqlite"],
);

onEachDatabase(
  "invalid tokens, more strictly and not at all",
  (create) => {
    it("with COPROCESSOR=strict an invalid token is 401 up to the limit", async () => {
      const endpoints = await openEndpoints(await create(), { ...SETTINGS, COPROCESSOR: "strict" });
      try {
        const { call } = ENDPOINTS["/coprocessor, the Hive Router"];
        const outcomes = [];
        const address = newAddress();
        for (let count = 0; count <= MOST; count++) {
          outcomes.push((await call(endpoints.url, bearer("a.b.c"), address)).status);
        }
        expect(outcomes).toEqual([...Array(MOST).fill(401), 429]);
      } finally {
        await endpoints.close();
      }
    });

    it("a session cookie that needs its token beside it is no invalid token", async () => {
      const endpoints = await openEndpoints(await create(), { ...SETTINGS, SESSION_REQUIRE_TOKEN: "true" });
      try {
        const address = newAddress();
        const cookie = { cookie: `latchkey_session=${endpoints.ann.token}` };
        for (let count = 0; count <= MOST; count++) {
          expect((await verify(endpoints.url, cookie, address)).status).toBe(401);
        }
        expect((await verify(endpoints.url, bearer("a.b.c"), address)).status).toBe(401);
      } finally {
        await endpoints.close();
      }
    });

    it("with THROTTLE=off nothing is counted", async () => {
      const endpoints = await openEndpoints(await create(), { ...SETTINGS, THROTTLE: "off" });
      try {
        const address = newAddress();
        for (const { call, invalid } of Object.values(ENDPOINTS)) {
          for (let count = 0; count <= MOST; count++) {
            expect((await call(endpoints.url, bearer("a.b.c"), address)).status).toBe(invalid);
          }
        }
        expectRefusal(
          await ask(`${endpoints.url}/verify`, { headers: bearer("a.b.c") }),
          401,
          "UNAUTHENTICATED",
        );
      } finally {
        await endpoints.close();
      }
    });
  },
  ["sqlite"],
);
