import { withBadSignature } from "./bad-signature.js";
import { bearer, registerUser, send, type SignedIn } from "./client.js";
import type { TestDatabase } from "./databases.js";
import { startGateway, type RunningGateway, type Settings } from "./gateway.js";
import { makeToken, moveTime, revokeToken, rotate, updateToken } from "./token-calls.js";
import { ask, type Answer } from "./answers.js";

export const ISSUER = "http://localhost:4000";
export const MY_SCOPES = "account:read account:write tokens:manage";

export interface Endpoints {
  database: TestDatabase;
  gateway: RunningGateway;
  url: string;
  graphql: string;
  settings: Settings;
  ann: SignedIn;
  close(): Promise<void>;
}

/** A gateway with two audiences and a user; a rotated token is refused at once. */
export async function openEndpoints(database: TestDatabase, more: Settings = {}): Promise<Endpoints> {
  const settings = {
    DATABASE_URL: database.url,
    ISSUER,
    PRIVILEGE_AUDIENCES: "supergraph,billing",
    ROTATION_GRACE: "0s",
    ...more,
  };
  const gateway = await startGateway(settings);
  const ann = await registerUser(gateway.graphql);
  return {
    database,
    gateway,
    url: gateway.url,
    graphql: gateway.graphql,
    settings,
    ann,
    close: async () => {
      await gateway.stop();
      await database.drop();
    },
  };
}

/** Posts a form. */
export const postForm = (
  url: string,
  form: Record<string, string> | string,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  ask(url, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    body: typeof form === "string" ? form : new URLSearchParams(form).toString(),
  });

/** A privilege token of a user token. */
export async function privilegeOf(graphql: string, token: string, audience?: string): Promise<string> {
  const query = "query ($audience: String) { privilegeToken(audience: $audience) { privilege } }";
  const { data, text } = await send(graphql, query, { audience }, bearer(token));
  if (!data) throw new Error(text);
  return data.privilegeToken.privilege as string;
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** One user token, or privilege token, of every kind that is good for nothing, with a row where there is one. */
export async function deadTokens({
  graphql,
  ann,
  database,
}: Endpoints): Promise<[name: string, token: string][]> {
  const mine = (input = {}) => makeToken(graphql, ann.token, input);
  const expired = await mine();
  await moveTime(database, expired.key, "expirationTime", Date.now() - 1_000);
  const disabled = await mine();
  await updateToken(graphql, ann.token, disabled.key, { enabled: false });
  const revoked = await mine();
  const privilegeOfRevoked = await privilegeOf(graphql, revoked.token);
  await revokeToken(graphql, ann.token, revoked.key);
  const superseded = await mine();
  await rotate(graphql, superseded.token);
  const banned = await registerUser(graphql);
  await database.query("UPDATE `user` SET enabled = 0 WHERE id = ?", [banned.id]);
  const swept = await mine();
  await database.query("DELETE FROM user_token WHERE `key` = ?", [swept.key]);
  const live = await mine();
  const [header, payload] = live.token.split(".") as [string, string];
  return [
    ["expired", expired.token],
    ["disabled", disabled.token],
    ["revoked", revoked.token],
    ["a privilege token of a revoked one", privilegeOfRevoked],
    ["superseded", superseded.token],
    ["of a disabled user", banned.token],
    ["of a disabled user, a privilege token", banned.privilege],
    ["gone from the table", swept.token],
    ["with a bad signature", withBadSignature(live.token)],
    ["unsigned", `${encode({ alg: "none", typ: "user+jwt", kid: "x" })}.${payload}.AA`],
    ["of an unknown key", `${encode({ alg: "ES256", typ: "user+jwt", kid: "x" })}.${payload}.AAAA`],
    ["with another payload", `${header}.${encode({ sub: ann.id })}.${live.token.split(".")[2]}`],
    ["no JWT", "not-a-token"],
    ["nearly a JWT", "a.b.c"],
    ["a key", live.key],
  ];
}
