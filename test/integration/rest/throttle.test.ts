import { base64, uniqueName } from "../../support/client.js";
import { withGateway } from "../../support/with-gateway.js";
import {
  attack,
  from,
  login,
  newAddress,
  outcomeOf,
  REFUSED,
  register,
  REGISTRATIONS,
  STRICT,
} from "../../support/throttling.js";

/** It says how long to wait, as the header does. */
const TEXT = expect.stringMatching(/^Too many attempts\. .*\b8\d{4} seconds\.$/) as string;

describe("throttling in the dialects", () => {
  const gateway = withGateway(STRICT);
  /** The same, where usertoken-xauth alone is served. */
  const xauthGateway = withGateway({ ...STRICT, DIALECTS: "usertoken-xauth" });
  let name: string;

  /** An account that strangers have to wait for. */
  beforeEach(async () => {
    name = uniqueName();
    await register(gateway.graphql, { username: name });
    await attack(gateway.graphql, name);
  });

  async function post(
    path: string,
    body: object,
    headers: Record<string, string> = {},
    { url }: { url: string } = gateway,
  ) {
    const answer = await fetch(url + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...from(newAddress()), ...headers },
      body: JSON.stringify(body),
    });
    return { answer, body: await answer.json() };
  }

  const password = "wrong password";
  const basicOf = (user: string) => ({ authorization: `Basic ${base64(`${user}:${password}`)}` });

  async function expectRefusal(asked: ReturnType<typeof post>, shape: object): Promise<void> {
    const { answer, body } = await asked;
    expect([answer.status, body]).toEqual([429, shape]);
    const wait = answer.headers.get("retry-after");
    expect(JSON.stringify(body)).toContain(` ${wait} seconds`);
    expect(answer.headers.get("retry-after")).toMatch(/^8\d{4}$/);
    expect(answer.headers.get("www-authenticate")).toBeNull();
  }

  it("ctoregistry: a throttled login is 429 in its shape", async () => {
    const shape = { status: "error", action: "authentication", id: null, result: TEXT };
    await expectRefusal(post("/api/v1/security/authentication", { username: name, password }), shape);
  });

  it("usertoken-bearer: a throttled login is 429 in its shape", async () => {
    await expectRefusal(post("/auth/login", {}, basicOf(name)), { message: TEXT });
  });

  it("webitel: a throttled login is 429 in its shape, for an unknown user too", async () => {
    await expectRefusal(post("/login", { username: name, password }), { status: "error", info: TEXT });
    const nobody = uniqueName("nobody");
    await attack(gateway.graphql, nobody);
    await expectRefusal(post("/login", { username: nobody, password }), { status: "error", info: TEXT });
  });

  it("userid-jwt: a throttled login, and one without a cookie, is 429 in its shape", async () => {
    await expectRefusal(post("/auth/login", { userid: name, password }), { status: -1, errmsg: TEXT });
    const shape = { status: "error", errcode: "401", errmsg: TEXT };
    await expectRefusal(post("/auth/token", { userid: name, password }), shape);
  });

  it("userid-jwt: a throttled registration is 429 in its shape", async () => {
    const address = newAddress();
    for (let made = 0; made < REGISTRATIONS; made++) await register(gateway.graphql, {}, address);
    const asked = post(
      "/auth/register",
      { username: uniqueName(), password: "correct horse battery" },
      from(address),
    );
    await expectRefusal(asked, { status: "error", errcode: "401", errmsg: TEXT });
  });

  it("userid-jwt: a registration counts before its password is judged, a malformed one does not", async () => {
    const address = newAddress();
    const statusOf = async (values: object) => {
      const asked = { username: uniqueName(), password: "password123", ...values };
      return (await post("/auth/register", asked, from(address))).answer.status;
    };
    for (let attempt = 0; attempt <= REFUSED; attempt++) expect(await statusOf({ username: ":" })).toBe(400);
    for (let attempt = 0; attempt < REFUSED; attempt++) expect(await statusOf({})).toBe(400);
    expect(await statusOf({})).toBe(429);
    expect(await statusOf({ password: "correct horse battery" })).toBe(429);
  });

  it("usertoken-xauth: a throttled login is 429 in its shape where it alone is served", async () => {
    await register(xauthGateway.graphql, { username: name });
    await attack(xauthGateway.graphql, name);
    await expectRefusal(post("/auth/login", {}, basicOf(name), xauthGateway), { message: TEXT });
  });

  it("failures at all login routes count together", async () => {
    const nobody = uniqueName("nobody");
    const endpoints = [
      () => post("/api/v1/security/authentication", { username: nobody, password }),
      () => post("/auth/login", {}, basicOf(nobody)),
      () => post("/login", { username: nobody, password }),
      () => post("/auth/login", { userid: nobody, password }),
      () => post("/auth/token", { userid: nobody, password }),
    ];
    const statuses = [];
    for (const endpoint of endpoints) statuses.push((await endpoint()).answer.status);
    expect(statuses).toEqual([401, 401, 404, 401, 401]);
    for (const endpoint of endpoints) expect((await endpoint()).answer.status).toBe(429);
    expect(outcomeOf(await login(gateway.graphql, nobody))).toBe("TOO_MANY_REQUESTS");
  });
});
