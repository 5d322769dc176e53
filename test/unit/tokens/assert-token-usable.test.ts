import {
  isSuperseded,
  assertTokenUsable,
  type TokenClaims,
} from "../../../src/tokens/assert-token-usable.js";
import type { TokenRecord } from "../../../src/tokens/token-store.js";
import { KEY, NOW, standingWith, USER_ID } from "./records.js";

const PRESENTED: TokenClaims = { sub: USER_ID, sid: KEY, ver: 0 };

/** `ok`, or the reason of the refusal. */
function verdict(record: TokenRecord | undefined, presented: Partial<TokenClaims> = {}, now = NOW): string {
  try {
    assertTokenUsable({ ...PRESENTED, ...presented }, record, now);
    return "ok";
  } catch (error) {
    const { code, reason } = error as { code: string; reason: string };
    return code === "UNAUTHENTICATED" ? reason : code;
  }
}

const at = (ms: number) => new Date(NOW + ms);

describe("judgeStanding", () => {
  it("accepts a token that is enabled, unexpired, not revoked, of the row's version, of an enabled user", () => {
    expect(verdict(standingWith())).toBe("ok");
    expect(verdict(standingWith({ expirationTime: null }))).toBe("ok");
  });

  it.each([
    ["no row", undefined, "TOKEN_REVOKED"],
    ["another user's row", standingWith({ userId: "another" }), "INVALID_CREDENTIAL"],
    ["revoked", standingWith({ revocationTime: at(-1) }), "TOKEN_REVOKED"],
    ["revoked by a node whose clock is ahead", standingWith({ revocationTime: at(60_000) }), "TOKEN_REVOKED"],
    ["of a disabled user", standingWith({}, { enabled: false }), "TOKEN_REVOKED"],
    ["disabled", standingWith({ enabled: false }), "TOKEN_DISABLED"],
    [
      "older than the user's oldest valid token",
      standingWith({}, { tokensValidFrom: at(-59_999) }),
      "TOKEN_REVOKED",
    ],
    ["as old as the user's oldest valid token", standingWith({}, { tokensValidFrom: at(-60_000) }), "ok"],
    ["a millisecond before its end", standingWith({ expirationTime: at(1) }), "ok"],
    ["at its end, without leeway", standingWith({ expirationTime: at(0) }), "TOKEN_EXPIRED"],
    ["after its end", standingWith({ expirationTime: at(-1) }), "TOKEN_EXPIRED"],
  ] as const)("%s", (_case, record, expected) => {
    expect(verdict(record)).toBe(expected);
  });

  it.each([
    [
      "revoked and expired",
      standingWith({ revocationTime: at(-1), expirationTime: at(-1) }),
      "TOKEN_REVOKED",
    ],
    ["revoked and disabled", standingWith({ revocationTime: at(-1), enabled: false }), "TOKEN_REVOKED"],
    ["expired and disabled", standingWith({ expirationTime: at(-1), enabled: false }), "TOKEN_EXPIRED"],
    ["superseded and expired", standingWith({ version: 3, expirationTime: at(-1) }), "TOKEN_REVOKED"],
    [
      "another user's and revoked",
      standingWith({ userId: "another", revocationTime: at(-1) }),
      "INVALID_CREDENTIAL",
    ],
  ] as const)("names the reason that lasts longest: %s", (_case, record, expected) => {
    expect(verdict(record)).toBe(expected);
  });

  it("a token without a version, a privilege token, follows its row through rotations", () => {
    expect(verdict(standingWith({ version: 7 }), { ver: null })).toBe("ok");
    expect(verdict(standingWith({ version: 7, enabled: false }), { ver: null })).toBe("TOKEN_DISABLED");
  });
});

describe("isSuperseded", () => {
  const inGrace = standingWith({ version: 5, previousVersionUntil: at(1) });

  it.each([
    ["the row's version", 5, inGrace, false],
    ["the one before, during the grace", 4, inGrace, false],
    ["two before, during the grace", 3, inGrace, true],
    ["one that does not exist yet", 6, inGrace, true],
    [
      "the one before, when the grace ends",
      4,
      standingWith({ version: 5, previousVersionUntil: at(0) }),
      true,
    ],
    ["the one before, without a grace", 4, standingWith({ version: 5 }), true],
  ] as const)("%s", (_case, ver, record, expected) => {
    expect(isSuperseded({ ...PRESENTED, ver }, record, NOW)).toBe(expected);
  });
});
