import { Role } from "../../../src/entities/role.js";
import { effectiveScopes, grantScopes, privilegeLevelOf, scopesOfRole } from "../../../src/tokens/scopes.js";
import { badValue } from "./records.js";

const EVERYONE = ["account:read", "account:write", "tokens:manage"];

describe("roles", () => {
  it.each([
    [Role.VIEWER, 0, EVERYONE],
    [Role.USER, 1, EVERYONE],
    [Role.ADMIN, 2, [...EVERYONE, "users:read", "users:manage", "audit:read"]],
    [Role.ROOT, 3, [...EVERYONE, "users:read", "users:manage", "audit:read", "keys:manage"]],
  ])("%s has level %i and its scopes", (role, level, scopes) => {
    expect(privilegeLevelOf(role)).toBe(level);
    expect(scopesOfRole(role)).toEqual(scopes);
  });

  it("a stronger role may do all that a weaker one may", () => {
    const [viewer, user, admin, root] = [Role.VIEWER, Role.USER, Role.ADMIN, Role.ROOT].map(scopesOfRole);
    expect(user).toEqual(expect.arrayContaining([...viewer!]));
    expect(admin).toEqual(expect.arrayContaining([...user!]));
    expect(root).toEqual(expect.arrayContaining([...admin!]));
  });
});

describe("effectiveScopes", () => {
  it("a role that shrank shrinks the token, one that grew does not make it grow", () => {
    const made = scopesOfRole(Role.ROOT);
    expect(effectiveScopes(made, Role.ROOT)).toEqual(made);
    expect(effectiveScopes(made, Role.VIEWER)).toEqual(EVERYONE);
    expect(effectiveScopes(["account:read"], Role.ROOT)).toEqual(["account:read"]);
  });

  it("a scope that no role has is nothing", () => {
    expect(effectiveScopes(["everything", "account:read"], Role.ROOT)).toEqual(["account:read"]);
  });
});

describe("grantScopes", () => {
  it.each([null, undefined])("all that are allowed when %s are asked for", (asked) => {
    const granted = grantScopes(asked, EVERYONE);
    expect(granted).toEqual(EVERYONE);
    expect(granted).not.toBe(EVERYONE);
  });

  it("exactly those asked for, each once", () => {
    expect(grantScopes([], EVERYONE)).toEqual([]);
    expect(grantScopes(["tokens:manage", "account:read", "tokens:manage"], EVERYONE)).toEqual([
      "tokens:manage",
      "account:read",
    ]);
  });

  it.each([
    ["keys:manage"],
    ["account:read", "keys:manage"],
    [""],
    ["account:read account:write"],
    ["ACCOUNT:READ"],
  ])("refuses what is not allowed: %j", (...asked) => {
    expect(() => grantScopes(asked, EVERYONE)).toThrow(badValue("scopes", "NOT_ALLOWED"));
  });
});
