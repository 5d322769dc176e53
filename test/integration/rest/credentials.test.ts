import { withBadSignature } from "../../support/bad-signature.js";
import {
  base64,
  basic,
  bearer,
  PASSWORD,
  registerUser,
  send,
  uniqueName,
  type SignedIn,
} from "../../support/client.js";
import { requestHead, sendRaw } from "../../support/raw-http.js";
import { moveTime, revokeToken, rotate, updateToken } from "../../support/token-calls.js";
import { call, jwt, xAccess, xAuth } from "../../support/rest/call.js";
import {
  ALIVE,
  BUMP,
  DEAD,
  LOGIN,
  LOGOUT,
  CTOREGISTRY_PRIVILEGE,
  statusByDialect,
} from "../../support/rest/token-uses.js";
import { ISSUERS, LOGOUTS, outcome } from "../../support/rest/token-operations.js";
import { onEachGateway } from "../../support/with-gateway.js";
import { BAD_TOKEN_CHALLENGE, BEARER_CHALLENGE, USERTOKEN_ERROR } from "../../support/rest/shapes.js";

/** How a token is presented, and when it is valid. */
onEachGateway("credentials at all dialects", (setup) => {
  let ann: SignedIn & { email: string; phone: string };
  let ben: SignedIn;

  beforeAll(async () => {
    // Its Base64 holds a plus; of the two pairs one is padded, for their lengths differ by 13.
    const username = uniqueName("~~~Ann");
    const names = { username, email: `${username}@mail.example`, phone: "+49 (30) 12345-67" };
    ann = { ...(await registerUser(setup.graphql, names)), ...names };
    ben = await registerUser(setup.graphql);
  });

  const statusOf = async (headers: Record<string, string>) => (await call(setup.url, BUMP, headers)).status;

  it("Bearer and X-Auth-Token accept the raw token and the Base64 pair", async () => {
    const pair = base64(`${ann.username}:${ann.token}`);
    for (const value of [ann.token, pair]) {
      expect(await statusOf({ authorization: `Bearer ${value}` })).toBe(200);
      expect(await statusOf({ "x-auth-token": value })).toBe(200);
    }
  });

  it("anything but three segments or a canonical Base64 pair is refused", async () => {
    const { token } = ann;
    const pairs = [ann.username, ann.email].map((owner) => base64(`${owner}:${token}`));
    const padded = pairs.find((pair) => pair.endsWith("=")) ?? "";
    const plain = pairs[0]!;
    const last = padded.replace(/=+$/, "").at(-1)!;
    const unused = String.fromCharCode(last.charCodeAt(0) + 1);
    const values = {
      "two segments": token.split(".").slice(0, 2).join("."),
      "four segments": `${token}.AAAA`,
      "an empty segment": token.replace(/\.[^.]*$/, "."),
      "without padding": padded.replace(/=+$/, ""),
      "too much padding": `${padded}=`,
      "bits that nothing reads": padded.replace(/.(=+)$/, `${unused}$1`),
      "the URL alphabet": plain.replaceAll("+", "-").replaceAll("/", "_"),
      "white space inside": `${plain.slice(0, 8)} ${plain.slice(8)}`,
      "a byte that is not UTF-8": Buffer.from(`\u00ff${ann.username}:${token}`, "latin1").toString("base64"),
      "no colon": base64(token),
      "an encoded token without a user": base64(`:${token}`),
      "a pair that is not encoded": `${ann.username}:${token}`,
      "a pair encoded twice": base64(plain),
      "a UUID": ann.key,
    };
    const accepted: string[] = [];
    for (const [what, value] of Object.entries(values)) {
      if ((await statusOf({ authorization: `Bearer ${value}` })) !== 401) accepted.push(`Bearer: ${what}`);
      if ((await statusOf({ "x-auth-token": value })) !== 401) accepted.push(`X-Auth-Token: ${what}`);
    }
    expect(accepted).toEqual([]);
    // What they were made of is good, and each is another text.
    expect([await statusOf({ "x-auth-token": padded }), await statusOf({ "x-auth-token": plain })]).toEqual([
      200, 200,
    ]);
    for (const value of Object.values(values)) expect([...pairs, token]).not.toContain(value);
  });

  it("Basic splits at the first colon: a password may hold colons", async () => {
    const username = uniqueName();
    const password = ":a long:pass:word of mine:";
    const { id } = await registerUser(setup.graphql, { username, password });
    const { status, body } = await call(setup.url, LOGIN, basic(username, password));
    expect([status, (await ownerOf(body.token)).id]).toEqual([200, id]);
    expect((await call(setup.url, LOGIN, basic(username, password.slice(1)))).status).toBe(401);
  });

  it("a pair splits at the last colon", async () => {
    const carol = await registerUser(setup.graphql);
    // No name with a colon can be registered: this one stands for an account that was taken over.
    const owner = `old:${carol.username}`;
    await setup.database.query("UPDATE `user` SET username = ? WHERE id = ?", [owner, carol.id]);
    expect(await statusOf(xAuth(owner, carol.token))).toBe(200);
    expect(await statusOf(bearer(base64(`${owner}:${carol.token}`)))).toBe(200);
    expect(await statusOf(xAuth("old", carol.token))).toBe(401);
  });

  it("a pair's user part may be the owner's username, e-mail or phone, and must be the owner", async () => {
    for (const name of [ann.username, ann.username.toUpperCase(), ann.email, ann.phone, "+49301234567"]) {
      expect(await statusOf(xAuth(name, ann.token))).toBe(200);
      expect(await statusOf(bearer(base64(`${name}:${ann.token}`)))).toBe(200);
    }
    for (const name of [ben.username, "nobody-of-that-name", ann.id, ` :${ann.username}`, "*", "%"]) {
      const answer = await call(setup.url, BUMP, xAuth(name, ann.token));
      expect([answer.status, answer.body]).toEqual([401, USERTOKEN_ERROR]);
      expect(await statusOf(bearer(base64(`${name}:${ann.token}`)))).toBe(401);
    }
  });

  // Every combination is a row of the matrix's tests; here every route issues one and ends one.
  const rows = Object.keys(LOGOUTS).map((out, i) => [out, Object.keys(ISSUERS).at(i - 2)!] as const);

  it.each(rows)("a logout through %s kills a token issued by %s in all dialects", async (out, issuer) => {
    const { url } = setup;
    const presented = await ISSUERS[issuer]!(url, { username: ben.username, password: PASSWORD });
    const { owner, token } = presented;
    const endpoint = LOGOUTS[out]!;
    const by = endpoint.by ? await endpoint.by(url, presented) : presented;
    expect(await statusByDialect(url, owner, token)).toEqual(ALIVE);
    expect(await outcome(endpoint, url, presented, endpoint.headers(by))).toBe("done");
    expect(await statusByDialect(url, owner, token)).toEqual(DEAD);
  });

  it("scheme and header names are case-insensitive", async () => {
    const pair = base64(`${ann.username}:${ann.token}`);
    const rawRequests = [
      [`AUTHORIZATION: BEARER ${ann.token}`],
      [`authorization: bearer ${pair}`],
      [`Authorization: jwt ${ann.token}`],
      [`aUTHORIZATION: Jwt jWT ${ann.token}`],
      [`X-AUTH-TOKEN: ${pair}`],
      [`x-auth-token: ${pair}`],
      [`x-ACCESS-token: ${ann.token}`, `X-KEY: ${ann.key}`],
    ];
    for (const headers of rawRequests) {
      const { status } = await sendRaw(setup.url, requestHead(BUMP, headers));
      expect([headers[0]?.slice(0, 22), status]).toEqual([headers[0]?.slice(0, 22), 200]);
    }
  });

  it("an empty Authorization counts as absent", async () => {
    for (const empty of ["Authorization:", "Authorization: ", "Authorization: \t "]) {
      const alone = await sendRaw(setup.url, requestHead(BUMP, [empty]));
      expect([alone.status, alone.headers["www-authenticate"]]).toEqual([401, BEARER_CHALLENGE]);
      const header = `X-Auth-Token: ${base64(`${ann.username}:${ann.token}`)}`;
      expect((await sendRaw(setup.url, requestHead(BUMP, [empty, header]))).status).toBe(200);
      const body = JSON.stringify({ userid: ann.username, password: PASSWORD });
      const type = ["Content-Type: application/json", `Content-Length: ${body.length}`];
      const login = await sendRaw(setup.url, requestHead(LOGIN, [empty, ...type]), body);
      expect([login.status, JSON.parse(login.body).status]).toEqual([200, 1]);
    }
  });

  describe("a token is refused", () => {
    const refused: [string, (user: SignedIn) => Promise<unknown>][] = [
      ["disabled", ({ token, key }) => updateToken(setup.graphql, token, key, { enabled: false })],
      ["expired", ({ key }) => moveTime(setup.database, key, "expirationTime", Date.now())],
      ["logged out", ({ token }) => call(setup.url, LOGOUT, jwt(token))],
      ["revoked", ({ token, key }) => revokeToken(setup.graphql, token, key)],
      [
        "of another version than the current one",
        async ({ token, key }) => {
          const current = await rotate(setup.graphql, token);
          await moveTime(setup.database, key, "previousVersionUntil", Date.now());
          expect(await statusOf(jwt(current.token))).toBe(200);
        },
      ],
      [
        "of a user who is disabled",
        ({ id }) => setup.database.query("UPDATE `user` SET enabled = ? WHERE id = ?", [0, id]),
      ],
    ];

    it.each(refused)("that is %s, by every form at once", async (_what, change) => {
      const user = await registerUser(setup.graphql);
      const forms = [
        bearer(user.token),
        jwt(user.token),
        xAuth(user.username, user.token),
        xAccess(user.token),
      ];
      for (const form of forms) expect(await statusOf(form)).toBe(200);
      await change(user);
      for (const form of forms) {
        for (const line of [BUMP, CTOREGISTRY_PRIVILEGE]) {
          const { status, headers } = await call(setup.url, line, form);
          expect([status, headers.get("www-authenticate")]).toEqual([401, BAD_TOKEN_CHALLENGE]);
        }
      }
    });

    it("whose signature is another one", async () => {
      expect(await statusOf(bearer(withBadSignature(ann.token)))).toBe(401);
    });
  });

  async function ownerOf(token: string): Promise<{ id: string }> {
    return (await send(setup.graphql, "{ me { id } }", {}, bearer(token))).data.me;
  }
});
