import { setTimeout as sleep } from "node:timers/promises";
import { decodeJwt, generateKeyPair, SignJWT } from "jose";
import {
  bearer,
  loginUser,
  PASSWORD,
  registerUser,
  send,
  tokenStatusOf,
  type SignedIn,
} from "../../support/client.js";
import {
  activateAt,
  fetchKeySet,
  keysCli,
  kidOf,
  listKeys,
  untilPublished,
  untilSigned,
} from "../../support/keys.js";
import { makeToken } from "../../support/token-calls.js";
import { onEachGateway } from "../../support/with-gateway.js";

/** What is promised: after it, every node knows what was done to a key. */
const PROMISE_MS = 1_000;

onEachGateway("signing keys", (setup) => {
  let url: string;

  beforeAll(async () => {
    url = setup.graphql;
  });

  const published = async () => (await fetchKeySet(setup.url)).keys.map(({ kid }) => kid);
  const privilegeOf = async (token: string) =>
    (await send(url, "{ privilegeToken { privilege } }", {}, bearer(token))).data.privilegeToken
      .privilege as string;
  const again = ({ username: userid }: SignedIn) => loginUser(url, { userid, password: PASSWORD });

  /** Lets the next key sign now, as at the end of its window, and logs the user in with it. */
  async function rotate(user: SignedIn): Promise<SignedIn> {
    const { kid } = await keysCli(setup.database, "rotate");
    await untilPublished(setup.url, kid);
    await activateAt(setup.database, kid, Date.now());
    return untilSigned(kid, () => again(user));
  }

  it("the next key is published before it signs; what the one before signed stays good", async () => {
    const ann = await registerUser(url);
    const before = await fetchKeySet(setup.url);
    const { kid } = await keysCli(setup.database, "rotate");
    await untilPublished(setup.url, kid);
    const during = await fetchKeySet(setup.url);
    expect(during.keys.map((key) => key.kid)).toEqual([kid, kidOf(ann.token)]);
    for (const key of during.keys) expect(key).toMatchObject({ use: "sig", alg: "ES256", kty: "EC" });
    expect(during.etag).not.toBe(before.etag);
    expect(kidOf((await again(ann)).token)).toBe(kidOf(ann.token));

    await activateAt(setup.database, kid, Date.now());
    const login = await untilSigned(kid, () => again(ann));
    expect(kidOf(login.privilege)).toBe(kid);
    for (const { token } of [ann, login]) expect(await tokenStatusOf(url, bearer(token))).toBe("ok");
    // The same keys: who has them is not sent them again.
    expect(await fetchKeySet(setup.url)).toEqual(during);
  });

  it("a retired key is kept a little longer than the last of its tokens lives", async () => {
    const ann = await registerUser(url);
    const expirationTime = new Date(Date.now() + 400 * 86_400_000).toISOString();
    const login = await loginUser(url, { userid: ann.username, password: PASSWORD, expirationTime });
    await rotate(ann);
    const key = (await listKeys(setup.database)).find(({ kid }) => kid === kidOf(login.token));
    expect(key?.state).toBe("retired");
    const margin = Date.parse(key?.publishedUntil ?? "") - (decodeJwt(login.token).exp ?? 0) * 1_000;
    expect(margin).toBeGreaterThan(0);
    expect(margin).toBeLessThan(2 * 86_400_000);
  });

  it("a dropped key is unpublished and refused within a second; others go on, and a login works at once", async () => {
    const ann = await registerUser(url);
    const login = await rotate(ann);
    await keysCli(setup.database, "retire", kidOf(login.token), "--compromised");
    const next = await again(ann);
    await sleep(PROMISE_MS);
    expect(await tokenStatusOf(url, bearer(login.token))).toBe("INVALID_CREDENTIAL");
    expect(await tokenStatusOf(url, bearer(login.privilege))).toBe("INVALID_CREDENTIAL");
    expect(await published()).not.toContain(kidOf(login.token));
    expect(await tokenStatusOf(url, bearer(ann.token))).toBe("ok");
    const after = await again(ann);
    expect(await tokenStatusOf(url, bearer(after.token))).toBe("ok");
    expect(await published()).toContain(kidOf(after.token));
    // The one made just after the drop is of the dropped key, and dead, or of the next, and good.
    const status = kidOf(next.token) === kidOf(login.token) ? "INVALID_CREDENTIAL" : "ok";
    expect(await tokenStatusOf(url, bearer(next.token))).toBe(status);
  });

  it("a privilege token of a dropped key is not handed out again", async () => {
    // Of a key that stays; a login would come with a privilege token of its own.
    const ann = await registerUser(url);
    const { token } = await makeToken(url, ann.token);
    const kid = kidOf((await rotate(ann)).token);
    const privilege = await privilegeOf(token);
    expect(kidOf(privilege)).toBe(kid);
    expect(await privilegeOf(token)).toBe(privilege);
    await keysCli(setup.database, "retire", kid, "--compromised");
    await sleep(PROMISE_MS);
    const next = await privilegeOf(token);
    expect(kidOf(next)).not.toBe(kid);
    expect(await tokenStatusOf(url, bearer(next))).toBe("ok");
  });

  it("what an unknown key signed is refused, whatever it calls itself", async () => {
    const ann = await registerUser(url);
    const { privateKey } = await generateKeyPair("ES256");
    for (const kid of [kidOf(ann.token), "unknown", "../../dev/null", "' OR 1=1 --", ""]) {
      const invalid = await new SignJWT(decodeJwt(ann.token))
        .setProtectedHeader({ alg: "ES256", typ: "user+jwt", kid })
        .sign(privateKey);
      expect(await tokenStatusOf(url, bearer(invalid))).toBe("INVALID_CREDENTIAL");
    }
  });

  it("a key that was made and called off has never signed", async () => {
    const { kid } = await keysCli(setup.database, "rotate");
    await untilPublished(setup.url, kid);
    expect(await keysCli(setup.database, "retire", kid)).toMatchObject({ kid, state: "dropped" });
    while ((await published()).includes(kid)) await sleep(50);
    await activateAt(setup.database, kid, Date.now());
    const { kid: next } = await keysCli(setup.database, "rotate");
    await untilPublished(setup.url, next);
    expect(kidOf((await registerUser(url)).token)).not.toBe(kid);
  });
});
