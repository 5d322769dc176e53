import { makeClient, type ServiceClient } from "../../../support/service-client.js";
import { randomUUID } from "node:crypto";
import { PASSWORD, loginUser, registerUser } from "../../../support/client.js";
import { onEachDatabase } from "../../../support/databases.js";
import { runCommand } from "../../../support/gateway.js";
import { requestHead, sendRaw } from "../../../support/raw-http.js";
import { claimsOf, makeToken, moveTime, rotate, updateToken } from "../../../support/token-calls.js";
import { fromRaw, type Answer } from "../../../support/answers.js";
import {
  ISSUER,
  MY_SCOPES,
  deadTokens,
  openEndpoints,
  postForm,
  privilegeOf,
  type Endpoints,
} from "../../../support/service-endpoints.js";

onEachDatabase("POST /introspect", (create) => {
  let endpoints: Endpoints;
  let client: ServiceClient;

  beforeAll(async () => {
    endpoints = await openEndpoints(await create());
    client = await makeClient(endpoints.settings);
  });

  afterAll(() => endpoints.close());

  const introspect = (form: Record<string, string> | string, headers: Record<string, string> = {}) =>
    postForm(`${endpoints.url}/introspect`, form, {
      authorization: client.headers.authorization,
      ...headers,
    });
  const asked = async (token: string) => {
    const { status, headers, text } = await introspect({ token });
    expect([status, headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
    return JSON.parse(text);
  };
  const error = ({ status, text }: Answer) => [status, JSON.parse(text)];
  const INVALID = [400, { error: "invalid_request" }];

  it("tells a client what a user token is good for", async () => {
    const { token, key } = await makeToken(endpoints.graphql, endpoints.ann.token, {
      scopes: ["account:read"],
    });
    const { iat, exp } = claimsOf(token);
    expect(await asked(token)).toEqual({
      active: true,
      iss: ISSUER,
      aud: ISSUER,
      sub: endpoints.ann.id,
      sid: key,
      username: endpoints.ann.username,
      role: "viewer",
      scope: "account:read",
      iat,
      exp,
      token_type: "Bearer",
      typ: "user+jwt",
    });
  });

  it.each(["supergraph", "billing"])("tells of a privilege token for %s", async (audience) => {
    const privilege = await privilegeOf(endpoints.graphql, endpoints.ann.token, audience);
    const { iat, exp } = claimsOf(privilege);
    expect(await asked(privilege)).toEqual({
      active: true,
      iss: ISSUER,
      aud: audience,
      sub: endpoints.ann.id,
      sid: endpoints.ann.key,
      username: endpoints.ann.username,
      role: "viewer",
      scope: MY_SCOPES,
      iat,
      exp,
      token_type: "Bearer",
      typ: "privilege+jwt",
    });
  });

  it("is never cached", async () => {
    const { headers } = await introspect({ token: endpoints.ann.token });
    expect(headers.get("cache-control")).toBe("no-store");
  });

  it("answers every token that is good for nothing with the same bytes", async () => {
    for (const [name, token] of await deadTokens(endpoints)) {
      const { status, text } = await introspect({ token });
      expect([name, status, text]).toEqual([name, 200, '{"active":false}']);
    }
  });

  it("follows the row: role and scopes, a nearer end, and the privilege token with its user token", async () => {
    const user = await registerUser(endpoints.graphql);
    await runCommand(["users", "role", user.username, "admin"], endpoints.settings);
    const { token, privilege, key } = await loginUser(endpoints.graphql, {
      userid: user.username,
      password: PASSWORD,
    });
    expect(await asked(token)).toMatchObject({
      role: "admin",
      scope: `${MY_SCOPES} users:read users:manage audit:read`,
    });
    await runCommand(["users", "role", user.username, "viewer"], endpoints.settings);
    for (const each of [token, privilege])
      expect(await asked(each)).toMatchObject({ role: "viewer", scope: MY_SCOPES });
    const end = Math.floor(Date.now() / 1_000) + 100;
    await updateToken(endpoints.graphql, token, key, {
      expirationTime: new Date(end * 1_000 + 500).toISOString(),
    });
    for (const each of [token, privilege]) expect(await asked(each)).toMatchObject({ exp: end });
    await updateToken(endpoints.graphql, user.token, key, { enabled: false });
    for (const each of [token, privilege]) expect(await asked(each)).toEqual({ active: false });
    await updateToken(endpoints.graphql, user.token, key, { enabled: true });
    expect(await asked(privilege)).toMatchObject({ active: true });
    await moveTime(endpoints.database, key, "expirationTime", Date.now() - 1);
    for (const each of [token, privilege]) expect(await asked(each)).toEqual({ active: false });
  });

  it("no scopes are an empty string, and the end of a JWT does not move with its row", async () => {
    const { token, key } = await makeToken(endpoints.graphql, endpoints.ann.token, { scopes: [] });
    expect(await asked(token)).toMatchObject({ scope: "", exp: claimsOf(token).exp });
    await moveTime(endpoints.database, key, "expirationTime", null);
    // Its JWT still ends: that never moves.
    expect(await asked(token)).toMatchObject({ exp: claimsOf(token).exp });
  });

  it("a rotation moves what is active on to the next version", async () => {
    const { token } = await makeToken(endpoints.graphql, endpoints.ann.token);
    const next = await rotate(endpoints.graphql, token);
    expect(await asked(token)).toEqual({ active: false });
    expect(await asked(next.token)).toMatchObject({ active: true, sid: next.key });
  });

  it("counts as a use of the token and of the client", async () => {
    const { token, key } = await makeToken(endpoints.graphql, endpoints.ann.token);
    await asked(token);
    const used = async () => {
      const [row] = await endpoints.database.query("SELECT lastUsageTime FROM user_token WHERE `key` = ?", [
        key,
      ]);
      const [own] = await endpoints.database.query("SELECT lastUsageTime FROM client WHERE id = ?", [
        client.id,
      ]);
      return row?.lastUsageTime != null && own?.lastUsageTime != null;
    };
    for (let tries = 0; tries < 100 && !(await used()); tries++)
      await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await used()).toBe(true);
  }, 30_000);

  it("a wrong or a further hint changes nothing", async () => {
    for (const token_type_hint of ["access_token", "refresh_token", "nonsense", ""]) {
      const { text } = await introspect({ token: endpoints.ann.token, token_type_hint, other: "x" });
      expect(JSON.parse(text)).toMatchObject({ active: true });
    }
  });

  it.each([
    ["no parameter", ""],
    ["no token", "token_type_hint=access_token"],
    ["an empty token", "token="],
    ["two tokens", "token=a&token=a"],
    ["two hints", "token=a&token_type_hint=a&token_type_hint=b"],
    ["a broken escape", "token=%zz"],
    ["an escape that is not UTF-8", "token=%ff"],
    ["a token longer than any", `token=${"a".repeat(4_097)}`],
  ])("%s is 400 invalid_request", async (_what, form) => {
    expect(error(await introspect(form))).toEqual(INVALID);
  });

  it("a body that is no UTF-8, too large, of another type or compressed is refused in the same shape", async () => {
    const send = async (body: Buffer, headers: string[]) => {
      const head = requestHead("POST /introspect", [
        `Authorization: ${client.headers.authorization}`,
        `Content-Length: ${body.length}`,
        ...headers,
      ]);
      return error(fromRaw(await sendRaw(endpoints.url, head, body)));
    };
    const form = "Content-Type: application/x-www-form-urlencoded";
    expect(await send(Buffer.from([0x61, 0x3d, 0xff]), [form])).toEqual(INVALID);
    expect(await send(Buffer.alloc(65 * 1024, "a"), [form])).toEqual([413, { error: "invalid_request" }]);
    const json = Buffer.from(JSON.stringify({ token: endpoints.ann.token }));
    for (const type of [
      "application/json",
      "text/plain",
      "multipart/form-data; boundary=x",
      "application/x-www-form-urlencoded; charset=latin1",
    ])
      expect(await send(json, [`Content-Type: ${type}`])).toEqual([415, { error: "invalid_request" }]);
    expect(await send(json, [])).toEqual([415, { error: "invalid_request" }]);
    expect(await send(json, [form, "Content-Encoding: gzip"])).toEqual([415, { error: "invalid_request" }]);
    const utf8 = Buffer.from(`token=${endpoints.ann.token}`);
    expect((await send(utf8, [`${form};charset=UTF-8`]))[1]).toMatchObject({ active: true });
  });

  it("nobody but a client learns anything: 401 invalid_client, before the body is looked at", async () => {
    const wrong = Buffer.from(`${client.id}:${client.secret}x`).toString("base64");
    const unknown = Buffer.from(`${randomUUID()}:${client.secret}`).toString("base64");
    for (const authorization of [
      "",
      `Bearer ${endpoints.ann.token}`,
      endpoints.ann.token,
      `Basic ${wrong}`,
      `Basic ${unknown}`,
      `Basic ${Buffer.from(`${endpoints.ann.username}:${PASSWORD}`).toString("base64")}`,
      "Basic",
      "Basic !!!!",
    ]) {
      for (const body of [`token=${endpoints.ann.token}`, "", "token=%zz"]) {
        const answer = await introspect(body, { authorization });
        expect([authorization, ...error(answer)]).toEqual([authorization, 401, { error: "invalid_client" }]);
        expect(answer.headers.get("www-authenticate")).toBe('Basic realm="latchkey", charset="UTF-8"');
        expect(answer.headers.get("cache-control")).toBe("no-store");
      }
    }
    const byBody = { token: endpoints.ann.token, client_id: client.id, client_secret: client.secret };
    expect(error(await introspect(byBody, { authorization: "" }))).toEqual([
      401,
      { error: "invalid_client" },
    ]);
    const cookie = `latchkey_session=${endpoints.ann.token}`;
    expect((await introspect({ token: "a" }, { authorization: "", cookie })).status).toBe(401);
  });

  it("two Authorization headers are 400, even when they agree", async () => {
    const body = `token=${endpoints.ann.token}`;
    const header = `Authorization: ${client.headers.authorization}`;
    const head = requestHead("POST /introspect", [
      header,
      header,
      "Content-Type: application/x-www-form-urlencoded",
      `Content-Length: ${body.length}`,
    ]);
    expect(error(fromRaw(await sendRaw(endpoints.url, head, body)))).toEqual(INVALID);
  });

  it("a revoked client is refused from its next call on", async () => {
    const other = await makeClient(endpoints.settings);
    const call = async () =>
      (await introspect({ token: endpoints.ann.token }, { authorization: other.headers.authorization }))
        .status;
    expect(await call()).toBe(200);
    await runCommand(["clients", "revoke", other.id], endpoints.settings);
    expect(await call()).toBe(401);
  });

  it.each(["GET", "PUT", "DELETE", "PATCH", "QUERY"])("%s is 405 with Allow", async (method) => {
    const answer = fromRaw(await sendRaw(endpoints.url, requestHead(`${method} /introspect?token=x`)));
    expect(error(answer)).toEqual([405, { error: "invalid_request" }]);
    expect(answer.headers.get("allow")).toBe("POST, OPTIONS");
  });

  it("the log names neither tokens nor secrets", () => {
    for (const text of [endpoints.ann.token, client.secret, client.headers.authorization])
      expect(endpoints.gateway.output.log).not.toContain(text);
    expect(endpoints.gateway.output.log).toContain('"audit":"client.refused"');
    expect(endpoints.gateway.output.log).not.toContain('"level":"error"');
  });
});
