import { randomUUID } from "node:crypto";
import { startFeedServer, type Entry, type FeedServer } from "../../support/verify/feed-server.js";
import { nowSeconds } from "../../support/verify/issuer.js";
import { until } from "../../support/until.js";
import { endAll, endings, outcome, readyVerifierOf, userVerifierOf } from "../../support/verify/verifiers.js";

let server: FeedServer;
beforeEach(async () => {
  server = await startFeedServer();
  endings.push(() => server.stop());
});
afterEach(endAll);

/** Two verifiers, of privilege tokens and of user tokens, and a token of each with the same sid and sub. */
async function makePair() {
  const privileges = await readyVerifierOf(server);
  const users = userVerifierOf(server);
  await users.ready();
  const [sub, sid] = [randomUUID(), randomUUID()];
  const iat = nowSeconds() - 10;
  const privilege = await server.privilege({ sub, sid, iat });
  const user = await server.user({ sub, sid, iat, ver: 3 });
  const both = () => [outcome(privileges.verify(privilege)), outcome(users.verify(user))];
  async function say(...entries: Entry[]) {
    const position = server.say(...entries);
    await until(
      () => [privileges, users].every((verifier) => verifier.stats().position === position),
      "the entry to arrive",
    );
  }
  expect(both()).toEqual(["accepted", "accepted"]);
  return { privileges, users, sub, sid, iat, both, say };
}

describe("a token that is remembered as good", () => {
  it("is refused once its user token has ended", async () => {
    const { sid, both, say } = await makePair();
    await say({ kind: "token", sid: randomUUID() });
    expect(both()).toEqual(["accepted", "accepted"]);
    await say({ kind: "token", sid });
    expect(both()).toEqual(["TOKEN_REVOKED", "TOKEN_REVOKED"]);
    await say({ kind: "enabled", sid });
    expect(both()).toEqual(["TOKEN_REVOKED", "TOKEN_REVOKED"]);
  });

  it("is refused while its user token is disabled", async () => {
    const { sid, both, say } = await makePair();
    await say({ kind: "disabled", sid });
    expect(both()).toEqual(["TOKEN_DISABLED", "TOKEN_DISABLED"]);
    await say({ kind: "disabled", sid }, { kind: "enabled", sid });
    expect(both()).toEqual(["accepted", "accepted"]);
    await say({ kind: "enabled", sid }, { kind: "disabled", sid });
    expect(both()).toEqual(["TOKEN_DISABLED", "TOKEN_DISABLED"]);
  });

  it("ends at the latest instant that was set for it", async () => {
    const { sid, both, say } = await makePair();
    await say({ kind: "expiry", sid, at: Date.now() + 60_000 });
    expect(both()).toEqual(["accepted", "accepted"]);
    await say({ kind: "expiry", sid, at: Date.now() - 1 });
    expect(both()).toEqual(["TOKEN_EXPIRED", "TOKEN_EXPIRED"]);
    await say({ kind: "expiry", sid, at: Date.now() + 60_000 });
    expect(both()).toEqual(["accepted", "accepted"]);
    await say({ kind: "expiry", sid, at: Date.now() + 200 });
    await until(() => both().every((result) => result === "TOKEN_EXPIRED"), "the instant to pass");
  });

  it("is refused from the end of the grace on when it is a user token of an earlier version", async () => {
    const { sid, both, say } = await makePair();
    await say({ kind: "version", sid, ver: 3, from: Date.now() - 1 });
    expect(both()).toEqual(["accepted", "accepted"]);
    await say({ kind: "version", sid, ver: 4, from: Date.now() + 300 });
    await until(() => both()[1] === "TOKEN_REVOKED", "the grace to end");
    expect(both()).toEqual(["accepted", "TOKEN_REVOKED"]);
  });

  it("is refused when it was issued before its user's instant", async () => {
    const { sub, iat, both, say } = await makePair();
    await say({ kind: "user", sub, before: iat * 1000 });
    expect(both()).toEqual(["accepted", "accepted"]);
    await say({ kind: "user", sub, before: iat * 1000 + 1 });
    expect(both()).toEqual(["TOKEN_REVOKED", "TOKEN_REVOKED"]);
    await say({ kind: "user", sub, before: iat * 1000 });
    expect(both()).toEqual(["TOKEN_REVOKED", "TOKEN_REVOKED"]);
  });

  it("is refused when it is a privilege token of an earlier role", async () => {
    const { sub, iat, both, say } = await makePair();
    await say({ kind: "role", sub, before: iat * 1000 + 1 });
    expect(both()).toEqual(["TOKEN_REVOKED", "accepted"]);
  });
});

it("a token that was never seen before is refused just so", async () => {
  const { privileges, users, sub, sid, iat, say } = await makePair();
  await say({ kind: "token", sid }, { kind: "user", sub, before: (iat + 5) * 1000 });
  const see = async (changes: object) => [
    outcome(privileges.verify(await server.privilege(changes))),
    outcome(users.verify(await server.user(changes))),
  ];
  expect(await see({ sid })).toEqual(["TOKEN_REVOKED", "TOKEN_REVOKED"]);
  expect(await see({ sub, iat: iat + 4 })).toEqual(["TOKEN_REVOKED", "TOKEN_REVOKED"]);
  expect(await see({ sub, iat: iat + 5 })).toEqual(["accepted", "accepted"]);
});

it("who has another's id as theirs is not concerned: a sub is no sid", async () => {
  const { sub, sid, iat, both, say } = await makePair();
  await say(
    { kind: "token", sid: sub },
    { kind: "user", sub: sid, before: (iat + 5) * 1000 },
    { kind: "role", sub: sid, before: (iat + 5) * 1000 },
  );
  expect(both()).toEqual(["accepted", "accepted"]);
});

it("an entry that never expires is kept", async () => {
  const { sid, both, say } = await makePair();
  await say({ kind: "token", sid, exp: null });
  expect(both()).toEqual(["TOKEN_REVOKED", "TOKEN_REVOKED"]);
});
