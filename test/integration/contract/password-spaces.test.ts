import { createHmac } from "node:crypto";
import { hashSync } from "@node-rs/argon2";
import { deriveSecrets } from "../../../src/keys/secrets.js";
import { basic, loginUser, registerUser, send, type SignedIn } from "../../support/client.js";
import { TEST_SECRET } from "../../support/gateway.js";
import { onEachGateway } from "../../support/with-gateway.js";

const LOGIN = "mutation ($input: LoginInput) { login(input: $input) { token } }";
const words = ["korrekt", "Pferd", "Batterie", "Klammer"];
const PLAIN = words.join(" ");
const NO_BREAK = words.join("\u00a0");
const IDEOGRAPHIC = words.join("\u3000");

onEachGateway("spaces in a password", (setup) => {
  const hashOf = async ({ id }: SignedIn) =>
    String(
      (await setup.database.query("SELECT passwordHash FROM `user` WHERE id = ?", [id]))[0]?.passwordHash,
    );

  const setHash = ({ id }: SignedIn, hash: string) =>
    setup.database.query("UPDATE `user` SET passwordHash = ? WHERE id = ?", [hash, id]);

  /** Statuses of a login by GraphQL and by each dialect. */
  async function logins(username: string, password: string) {
    const post = async (path: string, body: object | null, headers: Record<string, string> = {}) => {
      const init = body && { body: JSON.stringify(body) };
      const type: Record<string, string> = body ? { "content-type": "application/json" } : {};
      const answer = await fetch(`${setup.url}${path}`, {
        method: "POST",
        headers: { ...type, ...headers },
        ...init,
      });
      await answer.arrayBuffer();
      return answer.status;
    };
    const byName = { username, password };
    const byUserid = { userid: username, password };
    const graphql = await send(setup.graphql, LOGIN, { input: byUserid });
    return [
      graphql.reason ?? "ok",
      await post("/security/authentication", byName),
      await post("/auth/login", null, basic(username, password)),
      await post("/login", byName),
      await post("/auth/login", byUserid),
      await post("/auth/token", byUserid),
    ];
  }
  const ALL_OK = ["ok", 200, 200, 200, 200, 200];
  const ALL_REFUSED = ["BAD_LOGIN", 401, 401, 401, 401, 401];

  it.each([
    ["no-break", NO_BREAK],
    ["ideographic", IDEOGRAPHIC],
    ["plain", PLAIN],
  ])("registered with %s ones, it is the same with any other", async (_what, chosen) => {
    const { username } = await registerUser(setup.graphql, { password: chosen });
    expect(await logins(username, PLAIN)).toEqual(ALL_OK);
    expect(await logins(username, NO_BREAK)).toEqual(ALL_OK);
    expect(await logins(username, words.join("\u2003"))).toEqual(ALL_OK);
    expect(await logins(username, words.join(""))).toEqual(ALL_REFUSED);
    expect(await logins(username, words.join("  "))).toEqual(ALL_REFUSED);
  });

  it.each([
    ["under the secret", (password: string) => storedBefore(password)],
    ["made elsewhere", (password: string) => hashSync(password, { memoryCost: 8_192, timeCost: 1 })],
  ])(
    "count as they did for a hash of an earlier version %s, until a login renews it",
    async (_what, hash) => {
      const user = await registerUser(setup.graphql);
      await setHash(user, hash(NO_BREAK));
      const earlier = await hashOf(user);
      expect(await logins(user.username, PLAIN)).toEqual(ALL_REFUSED);
      expect(await logins(user.username, IDEOGRAPHIC)).toEqual(ALL_REFUSED);
      expect(await hashOf(user)).toBe(earlier);
      await loginUser(setup.graphql, { userid: user.username, password: NO_BREAK });
      const renewed = await hashOf(user);
      expect(renewed).not.toBe(earlier);
      expect(await logins(user.username, PLAIN)).toEqual(ALL_OK);
      expect(await logins(user.username, NO_BREAK)).toEqual(ALL_OK);
      expect(await hashOf(user)).toBe(renewed);
    },
  );

  it("need no renewal where the earlier hash had plain ones", async () => {
    const user = await registerUser(setup.graphql);
    await setHash(user, storedBefore(PLAIN));
    const earlier = await hashOf(user);
    expect(await logins(user.username, IDEOGRAPHIC)).toEqual(ALL_OK);
    expect(await hashOf(user)).toBe(earlier);
  });

  it("make no weak password strong", async () => {
    const query = "mutation ($input: RegisterInput!) { register(input: $input) { token } }";
    for (const password of [" \u00a0\u2000\u2001\u2002\u2003\u2004\u2005", "tessa\u00a0wong\u30004711"]) {
      const answer = await send(setup.graphql, query, { input: { username: "Tessa Wong 4711", password } });
      expect(answer.fields).toEqual(["input.password:WEAK_PASSWORD"]);
    }
  });
});

/** What an earlier version stored: HMAC over the NFC form, spaces as they were typed. */
function storedBefore(password: string): string {
  const [{ id, pepper } = { id: "", pepper: Buffer.alloc(0) }] = deriveSecrets([TEST_SECRET]).byId.values();
  const secret = createHmac("sha384", pepper).update(password.normalize("NFC")).digest("base64");
  return `lk1$${id}${hashSync(secret, { memoryCost: 19_456, timeCost: 2, parallelism: 1 })}`;
}
