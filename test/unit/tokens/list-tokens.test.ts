import { createKeyedDigest } from "../../../src/keys/keyed-digest.js";
import type { TokenDeps, TokenStore } from "../../../src/tokens/token-store.js";
import { cursorOf, listTokens } from "../../../src/tokens/list-tokens.js";
import { badValue, KEY, NOW, standingWith, USER_ID } from "./records.js";

const caller = standingWith();
const encode = (text: string) => Buffer.from(text).toString("base64url");

/** What the store is asked for. */
async function asked(page: Partial<Parameters<typeof listTokens>[2]>) {
  let query: Parameters<TokenStore["page"]>[0] | null = null;
  const store = {
    page: async (wanted: NonNullable<typeof query>) => {
      query = wanted;
      return { tokens: [], hasNextPage: false, totalCount: 0 };
    },
  };
  const deps: TokenDeps = {
    store: store as unknown as TokenStore,
    sign: async () => "",
    clock: () => NOW,
    audit: () => undefined,
    fingerprints: createKeyedDigest([{ id: "1", key: Buffer.alloc(32) }]),
    limits: { lifetimeMs: null, maxLivePerUser: 1, rotationGraceMs: 0 },
  };
  await listTokens(deps, caller, { first: 50, after: null, includeEnded: false, ...page });
  return query;
}

describe("listTokens", () => {
  it("asks for the caller's own tokens, live at this moment", async () => {
    expect(await asked({})).toEqual({
      userId: USER_ID,
      now: new Date(NOW),
      first: 50,
      after: null,
      includeEnded: false,
    });
  });

  it("a token's cursor leads just after it", async () => {
    expect(await asked({ after: cursorOf(caller.token) })).toMatchObject({
      after: { creationTime: caller.token.creationTime, key: KEY },
    });
  });

  it.each([0, 1, 100])("first may be %i", async (first) => {
    expect(await asked({ first })).toMatchObject({ first });
  });

  it.each([-1, 101, 2 ** 31 - 1])("first may not be %i", async (first) => {
    await expect(async () => asked({ first })).rejects.toThrow(badValue("first", "OUT_OF_RANGE"));
  });

  it.each([
    "",
    "garbage",
    encode(KEY),
    encode(`:${KEY}`),
    encode(`-1:${KEY}`),
    encode(`1e3:${KEY}`),
    encode(`1234567890123456:${KEY}`),
    encode(`1:${KEY.toUpperCase()}`),
    encode(`1:${KEY}:1`),
    encode("1:' OR 1=1 --"),
    `${encode(`1:${KEY}`)}${" ".repeat(100)}`,
  ])("refuses a cursor that is not one of ours: %j", async (after) => {
    await expect(async () => asked({ after })).rejects.toThrow(badValue("after", "INVALID_FORMAT"));
  });
});
