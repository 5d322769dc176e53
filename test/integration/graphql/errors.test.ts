import BetterSqlite3 from "better-sqlite3";
import { withGateway } from "../../support/with-gateway.js";
import {
  base64,
  basic,
  bearer,
  loginUser,
  registerUser,
  send,
  tokenStatusOf,
  uniqueName,
  type SignedIn,
} from "../../support/client.js";

// The most talkative log there is.
const gateway = withGateway({ LOG_LEVEL: "trace" });

const written = () => gateway.output.log + gateway.output.errors;

describe("what a session leaves in the log", () => {
  it("holds no token, no password and no pair, in whatever form it was presented", async () => {
    const { graphql } = gateway;
    const password = "a-Rather-Secret pass phrase";
    const secrets: string[] = [password];
    const keep = <T extends { token: string; privilege: string }>(signedIn: T): T => {
      secrets.push(signedIn.token, signedIn.privilege);
      return signedIn;
    };
    const username = uniqueName();
    const { token, key, privilege } = keep(await registerUser(graphql, { username, password }));
    const other = keep(
      await loginUser(graphql, { userid: username, password, clientFingerprint: "a-secret-laptop" }),
    );
    const pair = base64(`${username}:${token}`);
    const presented: Record<string, string>[] = [
      bearer(token),
      bearer(privilege),
      { authorization: token },
      { authorization: `JWT ${token}` },
      { authorization: `Bearer ${pair}` },
      { "x-auth-token": pair },
      { "x-auth-token": token },
      { "x-access-token": token, "x-key": key },
      { cookie: `latchkey_session=${token}` },
    ];
    for (const headers of presented) expect(await tokenStatusOf(graphql, headers)).toBe("ok");
    const basicPair = basic(username, password);
    expect((await send(graphql, "mutation { login { user { id } } }", {}, basicPair)).code).toBeUndefined();
    const wrong = basic(username, "not the Secret pass phrase");
    expect((await send(graphql, "mutation { login { token } }", {}, wrong)).reason).toBe("BAD_LOGIN");
    const both = { ...bearer(token), "x-auth-token": pair };
    expect((await send(graphql, "{ me { id } }", {}, both)).status).toBe(400);
    expect(await tokenStatusOf(graphql, bearer(`${token}x`))).toBe("INVALID_CREDENTIAL");
    await send(
      graphql,
      'mutation { logout(input: {clientFingerprint: "another-secret"}) { success } }',
      {},
      bearer(other.token),
    );
    await send(graphql, "mutation { logout { success } }", {}, bearer(token));
    secrets.push(
      pair,
      basicPair.authorization.slice(6),
      wrong.authorization.slice(6),
      "not the Secret",
      "a-secret-laptop",
    );
    // Neither whole nor by the part that makes it a secret.
    const signatures = secrets
      .filter((secret) => secret.split(".").length === 3)
      .map((jwt) => jwt.split(".")[2] ?? jwt);
    for (const secret of [...secrets, ...signatures, "another-secret"])
      expect(written()).not.toContain(secret);
  });
});

/** Last: afterwards the gateway is of no use. */
describe("a defect", () => {
  const password = "an-Unspeakable pass phrase";
  let user: SignedIn;
  let passwordHash: string;

  beforeAll(async () => {
    user = await registerUser(gateway.graphql, { password });
    const file = new BetterSqlite3(gateway.databaseFile, { timeout: 5_000 });
    const row = file.prepare("SELECT passwordHash FROM user WHERE id = ?").get(user.id);
    ({ passwordHash } = row as { passwordHash: string });
    file.exec("CREATE TRIGGER fault BEFORE INSERT ON user BEGIN SELECT RAISE(ABORT, 'no such luck'); END");
    // What the row check reads is text.
    file.prepare("UPDATE user_token SET scopes = x'00' WHERE userId = ?").run(user.id);
    file.close();
  });

  it("is masked, and logged once with the request's id and without the values of its statement", async () => {
    const before = gateway.output.log.length;
    const register = `mutation { register(input: {username: "${uniqueName()}", password: "${password}"}) { token } }`;
    const { status, errors, data, text } = await send(gateway.graphql, register);
    expect([status, data]).toEqual([200, null]);
    expect(errors).toEqual([
      {
        message: "Something went wrong on our side.",
        path: ["register"],
        locations: [expect.anything()],
        extensions: { code: "INTERNAL_SERVER_ERROR" },
      },
    ]);
    const failures = (await loggedAfter(before)).filter(({ level }) => level === "error");
    const err = { type: "QueryFailedError", code: "SQLITE_CONSTRAINT_TRIGGER" };
    expect(failures).toEqual([
      expect.objectContaining({ reqId: expect.stringMatching(/.+/), err: expect.objectContaining(err) }),
    ]);
    // The statement's values were a hash of the same scheme, and a name; a database's own words may repeat them.
    const scheme = passwordHash.slice(0, 8);
    for (const secret of [scheme, password, "Unspeakable", "luck"]) expect(written()).not.toContain(secret);
    expect(text).not.toMatch(/luck|SELECT|INSERT|sqlite/i);
  });

  it("is masked also before anything is executed: 500", async () => {
    const before = gateway.output.log.length;
    const { status, code, text } = await send(gateway.graphql, "{ me { id } }", {}, bearer(user.token));
    expect([status, code]).toEqual([500, "INTERNAL_SERVER_ERROR"]);
    expect(text).not.toMatch(/scopes|split|sqlite/i);
    expect((await loggedAfter(before)).filter(({ level }) => level === "error")).toHaveLength(1);
  });
});

interface LogLine {
  level: string;
  reqId?: string;
}

/** The log comes through a pipe: waits for the first whole line after a place in it. */
async function loggedAfter(place: number): Promise<LogLine[]> {
  while (!gateway.output.log.includes("\n", place)) await new Promise((resolve) => setTimeout(resolve, 10));
  return gateway.output.log
    .slice(place)
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as LogLine);
}
