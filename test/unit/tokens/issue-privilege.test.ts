import { generateKeyPairSync } from "node:crypto";
import { decodeJwt, type JWTPayload } from "jose";
import { Role } from "../../../src/entities/role.js";
import { createPrivilegeIssuer, type IssuePrivilege } from "../../../src/tokens/issue-privilege.js";
import { badValue, KEY, NOW, standingWith, USER_ID } from "./records.js";

const LIFETIME = 300_000;
const ISSUER = "https://issuer.example";
const KEYS = generateKeyPairSync("ec", { namedCurve: "P-256" });

function issuer(cacheSize?: number) {
  const time = { now: NOW };
  const ring = { kid: "k" };
  const signed: { privilege: string; claims: JWTPayload }[] = [];
  const issuePrivilege = createPrivilegeIssuer({
    keys: {
      current: () => ({ kid: ring.kid, algorithm: "ES256", privateKey: KEYS.privateKey }),
      publicKey: (kid) => (kid === ring.kid ? { algorithm: "ES256", key: KEYS.publicKey } : undefined),
    },
    issuer: ISSUER,
    clock: () => time.now,
    audiences: ["supergraph", "billing"],
    lifetimeMs: LIFETIME,
    cacheSize,
  });
  const issue: IssuePrivilege = (...call) => {
    const made = issuePrivilege(...call);
    if (!signed.some(({ privilege }) => privilege === made.privilege)) {
      signed.push({ privilege: made.privilege, claims: decodeJwt(made.privilege) });
    }
    return made;
  };
  return { time, signed, ring, issue };
}

const caller = standingWith();

describe("createPrivilegeIssuer", () => {
  it("signs who calls, in which role, with which scopes, for the default audience", () => {
    const { signed, issue } = issuer();
    expect(issue(caller).expirationTime).toEqual(new Date(NOW + LIFETIME));
    expect(signed.map(({ claims }) => claims)).toEqual([
      {
        iss: ISSUER,
        aud: "supergraph",
        sub: USER_ID,
        sid: KEY,
        jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
        role: "viewer",
        privilegeLevel: 0,
        scope: "account:read tokens:manage",
        username: "ann",
        iat: NOW / 1_000,
        exp: (NOW + LIFETIME) / 1_000,
      },
    ]);
  });

  it("a listed audience is signed for, another one refused", () => {
    const { signed, issue } = issuer();
    issue(caller, "billing");
    expect(signed[0]?.claims.aud).toBe("billing");
    for (const audience of ["warehouse", "", "Supergraph"]) {
      expect(() => issue(caller, audience)).toThrow(badValue("audience", "NOT_ALLOWED"));
    }
    expect(signed).toHaveLength(1);
  });

  it("one is used again while more than half of its life is left", () => {
    const { time, signed, issue } = issuer();
    const first = issue(caller);
    time.now = NOW + LIFETIME / 2 - 1;
    expect(issue(caller)).toEqual(first);
    time.now = NOW + LIFETIME / 2;
    expect(issue(caller).expirationTime).toEqual(new Date(NOW + LIFETIME * 1.5));
    expect(signed).toHaveLength(2);
    expect(signed[0]?.claims.jti).not.toBe(signed[1]?.claims.jti);
  });

  it("one is not used again once its key is dropped", () => {
    const { signed, ring, issue } = issuer();
    const first = issue(caller);
    ring.kid = "another";
    const second = issue(caller);
    expect(second.privilege).not.toBe(first.privilege);
    expect(issue(caller)).toEqual(second);
    expect(signed).toHaveLength(2);
  });

  it.each([
    ["the token", standingWith({ key: "another" })],
    ["its version", standingWith({ version: 1 })],
    ["its scopes", standingWith({ scopes: ["account:read"] })],
    ["the role", standingWith({}, { role: Role.ADMIN })],
    ["the username", standingWith({}, { username: "anna" })],
  ])("%s being another, a new one is made", (_what, other) => {
    const { signed, issue } = issuer();
    const first = issue(caller);
    issue(other);
    expect(signed).toHaveLength(2);
    expect(issue(caller)).toEqual(first);
  });

  it("says that it was issued after the last change of role, and is made anew after each", () => {
    const { signed, issue } = issuer();
    const changedAt = (ms: number) =>
      standingWith({}, { role: Role.ADMIN, privilegesValidFrom: new Date(NOW + ms) });
    for (const ms of [-1_000, 2_000, 3_000]) issue(changedAt(ms));
    expect(signed.map(({ claims }) => (claims.iat ?? 0) * 1_000 - NOW)).toEqual([0, 2_000, 3_000]);
    expect(issue(changedAt(2_000)).privilege).toBe(signed[1]?.privilege);
  });

  it("never outlives the token it was made from, not even from the cache", () => {
    const { issue } = issuer();
    const soon = new Date(NOW + 1_000);
    expect(issue(standingWith({ expirationTime: soon })).expirationTime).toEqual(soon);
    expect(issue(standingWith({ expirationTime: null })).expirationTime).toEqual(new Date(NOW + LIFETIME));
    expect(issue(standingWith({ expirationTime: soon })).expirationTime).toEqual(soon);
  });

  it("a later end of the token lengthens the next one", () => {
    const { issue } = issuer();
    issue(standingWith({ expirationTime: new Date(NOW + 10_000) }));
    expect(issue(caller).expirationTime).toEqual(new Date(NOW + LIFETIME));
  });

  it("a role that shrank takes its scopes along", () => {
    const { signed, issue } = issuer();
    const scopes = ["account:read", "users:manage"];
    issue(standingWith({ scopes }, { role: Role.ADMIN }));
    issue(standingWith({ scopes }, { role: Role.USER }));
    expect(signed.map(({ claims }) => [claims.role, claims.privilegeLevel, claims.scope])).toEqual([
      ["admin", 2, "account:read users:manage"],
      ["user", 1, "account:read"],
    ]);
  });

  it("remembers no more than it is told to", () => {
    const { signed, issue } = issuer(2);
    for (const key of ["a", "b", "c", "a"]) issue(standingWith({ key }));
    expect(signed.map(({ claims }) => claims.sid)).toEqual(["a", "b", "c", "a"]);
    issue(standingWith({ key: "c" }));
    expect(signed).toHaveLength(4);
  });
});
