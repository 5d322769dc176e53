import { withBadSignature } from "../../../support/bad-signature.js";
import { bearer, registerUser, tokenStatusOf } from "../../../support/client.js";
import { onEachDatabase } from "../../../support/databases.js";
import { requestHead, sendRaw } from "../../../support/raw-http.js";
import { makeToken, moveTime, rotate, updateToken } from "../../../support/token-calls.js";
import { ask, fromRaw } from "../../../support/answers.js";
import {
  deadTokens,
  openEndpoints,
  postForm,
  privilegeOf,
  type Endpoints,
} from "../../../support/service-endpoints.js";

onEachDatabase("POST /revoke", (create) => {
  let endpoints: Endpoints;

  beforeAll(async () => {
    endpoints = await openEndpoints(await create());
  });

  afterAll(() => endpoints.close());

  const revoke = (form: Record<string, string> | string, headers: Record<string, string> = {}) =>
    postForm(`${endpoints.url}/revoke`, form, headers);
  const DONE = { status: 200, text: "" };
  const statusOf = (token: string) => tokenStatusOf(endpoints.graphql, bearer(token));
  /** Every token, with when it was revoked. */
  const rows = () =>
    endpoints.database.query("SELECT `key`, enabled, version, revocationTime FROM user_token ORDER BY `key`");
  const auditOf = (key: string) =>
    endpoints.gateway.output.log
      .split("\n")
      .filter((line) => line.includes('"audit":"token.revoked"') && line.includes(key));

  it("ends the token that is presented, at once, with an empty answer; its owner's others live on", async () => {
    const { token, key } = await makeToken(endpoints.graphql, endpoints.ann.token);
    const privilege = await privilegeOf(endpoints.graphql, token);
    const answer = await revoke({ token });
    expect(answer).toMatchObject(DONE);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await statusOf(token)).toBe("TOKEN_REVOKED");
    expect(await statusOf(privilege)).toBe("TOKEN_REVOKED");
    expect(await statusOf(endpoints.ann.token)).toBe("ok");
    expect(auditOf(key)).toHaveLength(1);
  });

  it("a second time is as good as the first, and changes nothing", async () => {
    const { token, key } = await makeToken(endpoints.graphql, endpoints.ann.token);
    await revoke({ token });
    const before = await rows();
    expect(await revoke({ token })).toMatchObject(DONE);
    expect(await rows()).toEqual(before);
    expect(auditOf(key)).toHaveLength(1);
  });

  it("many at once end it once", async () => {
    const { token, key } = await makeToken(endpoints.graphql, endpoints.ann.token);
    const answers = await Promise.all(Array.from({ length: 8 }, () => revoke({ token })));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(auditOf(key)).toHaveLength(1);
  });

  it("a wrong hint, another parameter and a client's credential change nothing", async () => {
    for (const token_type_hint of ["access_token", "refresh_token", "nonsense"]) {
      const { token } = await makeToken(endpoints.graphql, endpoints.ann.token);
      const form = { token, token_type_hint, client_id: "x" };
      expect(await revoke(form, { authorization: "Basic eDp5" })).toMatchObject(DONE);
      expect(await statusOf(token)).toBe("TOKEN_REVOKED");
    }
  });

  it("ends the version that is presented during the grace, and a disabled token", async () => {
    const { token } = await makeToken(endpoints.graphql, endpoints.ann.token);
    const next = await rotate(endpoints.graphql, token);
    await moveTime(endpoints.database, next.key, "previousVersionUntil", Date.now() + 60_000);
    await revoke({ token });
    expect(await statusOf(next.token)).toBe("TOKEN_REVOKED");
    const disabled = await makeToken(endpoints.graphql, endpoints.ann.token);
    await updateToken(endpoints.graphql, endpoints.ann.token, disabled.key, { enabled: false });
    await revoke({ token: disabled.token });
    expect(await statusOf(disabled.token)).toBe("TOKEN_REVOKED");
  });

  it("what is unknown, of a bad signature, expired or superseded is 200, and changes nothing", async () => {
    const dead = (await deadTokens(endpoints)).filter(
      ([name]) => !name.includes("privilege") && name !== "disabled",
    );
    const user = await registerUser(endpoints.graphql);
    dead.push(["of another user, with a bad signature", withBadSignature(user.token)]);
    const before = await rows();
    for (const [name, token] of dead) expect([name, await revoke({ token })]).toMatchObject([name, DONE]);
    expect(await rows()).toEqual(before);
    expect(await statusOf(user.token)).toBe("ok");
  });

  it.each(["supergraph", "billing"])(
    "a privilege token for %s is 400, and changes nothing",
    async (audience) => {
      const { token } = await makeToken(endpoints.graphql, endpoints.ann.token);
      const privilege = await privilegeOf(endpoints.graphql, token, audience);
      const before = await rows();
      const answer = await revoke({ token: privilege, token_type_hint: "access_token" });
      expect([answer.status, JSON.parse(answer.text)]).toEqual([400, { error: "unsupported_token_type" }]);
      expect(await rows()).toEqual(before);
      expect(await statusOf(token)).toBe("ok");
    },
  );

  it.each([
    ["no parameter", ""],
    ["an empty token", "token="],
    ["two tokens", "token=a&token=b"],
    ["a broken escape", "token=%zz"],
    ["a token longer than any", `token=${"a".repeat(4_097)}`],
  ])("%s is 400 invalid_request", async (_what, form) => {
    const { status, text } = await revoke(form);
    expect([status, JSON.parse(text)]).toEqual([400, { error: "invalid_request" }]);
  });

  it("a token in a header, a cookie, a query or JSON is not heard", async () => {
    const { token } = await makeToken(endpoints.graphql, endpoints.ann.token);
    const headers = { ...bearer(token), cookie: `latchkey_session=${token}` };
    expect((await revoke("", headers)).status).toBe(400);
    const query = await postForm(`${endpoints.url}/revoke?token=${token}`, "");
    expect(query.status).toBe(400);
    const json = await ask(`${endpoints.url}/revoke`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token }),
    });
    expect([json.status, JSON.parse(json.text)]).toEqual([415, { error: "invalid_request" }]);
    expect(await statusOf(token)).toBe("ok");
  });

  it.each(["GET", "PUT", "DELETE"])("%s is 405 with Allow", async (method) => {
    const answer = fromRaw(await sendRaw(endpoints.url, requestHead(`${method} /revoke?token=x`)));
    expect([answer.status, JSON.parse(answer.text)]).toEqual([405, { error: "invalid_request" }]);
    expect(answer.headers.get("allow")).toBe("POST, OPTIONS");
  });
});
