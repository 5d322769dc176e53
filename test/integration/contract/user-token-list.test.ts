import { bearer, loginUser, PASSWORD, registerUser, send, type SignedIn } from "../../support/client.js";
import { onEachDatabase, type TestDatabase } from "../../support/databases.js";
import { startGateway, type RunningGateway } from "../../support/gateway.js";
import {
  askPage,
  askToken,
  listTokens,
  liveKeys,
  makeToken,
  makeTokens,
  moveTime,
  revokeToken,
  rotate,
  updateToken,
} from "../../support/token-calls.js";

const LIMIT = 3;

onEachDatabase("the list of user tokens", (create) => {
  let database: TestDatabase;
  let roomy: RunningGateway;
  let strict: RunningGateway;
  let url: string;

  beforeAll(async () => {
    database = await create();
    roomy = await startGateway({ DATABASE_URL: database.url });
    strict = await startGateway({ DATABASE_URL: database.url, USER_TOKEN_LIMIT: String(LIMIT) });
    url = roomy.graphql;
  });

  afterAll(async () => {
    await Promise.all([roomy.stop(), strict.stop()]);
    await database.drop();
  });

  describe("of a user with 25 tokens", () => {
    let ann: SignedIn;
    /** Newest first. */
    let keys: string[];

    beforeAll(async () => {
      ann = await registerUser(url);
      await registerUser(url);
      const made = await makeTokens(url, ann.token, 24);
      // Ten of them in the same millisecond: the order must still be total.
      const time = Date.parse(made[5]!.node.creationTime);
      const twins = made.slice(5, 15).map(({ key }) => key);
      const marks = twins.map(() => "?").join(", ");
      await database.query(`UPDATE user_token SET creationTime = ? WHERE \`key\` IN (${marks})`, [
        time,
        ...twins,
      ]);
      const rows = await database.query(
        "SELECT `key` FROM user_token WHERE userId = ? ORDER BY creationTime DESC, `key` DESC",
        [ann.id],
      );
      keys = rows.map(({ key }) => String(key));
    });

    it("shows all of the caller's tokens and nobody else's, newest first", async () => {
      const { nodes, edges, totalCount, pageInfo } = await listTokens(url, ann.token);
      expect(nodes.map(({ key }) => key)).toEqual(keys);
      expect(edges.map(({ node }) => node.key)).toEqual(keys);
      expect(totalCount).toBe(25);
      const [startCursor, endCursor] = [edges[0]!.cursor, edges[24]!.cursor];
      expect(pageInfo).toEqual({ hasNextPage: false, hasPreviousPage: false, startCursor, endCursor });
      const times = nodes.map(({ creationTime }) => Date.parse(creationTime));
      expect(times).toEqual([...times].sort((a, b) => b - a));
    });

    it("marks the token in use, and no other, as current", async () => {
      const { nodes } = await listTokens(url, ann.token);
      expect(nodes.filter(({ current }) => current).map(({ key }) => key)).toEqual([ann.key]);
    });

    it.each([1, 4, 5, 7, 24, 25])("pages of %i cover each token exactly once", async (first) => {
      const seen: string[] = [];
      let after: string | null = null;
      for (let page = 0; page < 25; page++) {
        const { nodes, edges, pageInfo, totalCount } = await listTokens(url, ann.token, { first, after });
        expect(totalCount).toBe(25);
        expect(pageInfo.hasPreviousPage).toBe(after !== null);
        expect([pageInfo.startCursor, pageInfo.endCursor]).toEqual([edges[0]!.cursor, edges.at(-1)!.cursor]);
        seen.push(...nodes.map(({ key }) => key));
        after = pageInfo.endCursor;
        if (!pageInfo.hasNextPage) break;
        expect(nodes).toHaveLength(first);
      }
      expect(seen).toEqual(keys);
    });

    it("a page after the last token is empty", async () => {
      const { pageInfo } = await listTokens(url, ann.token, { first: 25 });
      const page = await listTokens(url, ann.token, { after: pageInfo.endCursor });
      expect(page).toMatchObject({ nodes: [], edges: [], totalCount: 25 });
      expect(page.pageInfo).toEqual({
        hasNextPage: false,
        hasPreviousPage: true,
        startCursor: null,
        endCursor: null,
      });
    });

    it("first: 0 only counts", async () => {
      const { nodes, totalCount, pageInfo } = await listTokens(url, ann.token, { first: 0 });
      expect([nodes, totalCount, pageInfo.hasNextPage]).toEqual([[], 25, true]);
    });

    it("null for an argument is its default", async () => {
      const page = await listTokens(url, ann.token, { first: null, after: null, includeEnded: null });
      expect(page.nodes).toHaveLength(25);
    });

    it("a cursor stays good when tokens before it are made or end", async () => {
      const { pageInfo } = await listTokens(url, ann.token, { first: 3 });
      const extra = await makeToken(url, ann.token);
      const { nodes } = await listTokens(url, ann.token, { first: 3, after: pageInfo.endCursor });
      expect(nodes.map(({ key }) => key)).toEqual(keys.slice(3, 6));
      await revokeToken(url, ann.token, extra.key);
    });

    it("another user's cursor shows nothing but the caller's own", async () => {
      const bob = await registerUser(url);
      const { pageInfo } = await listTokens(url, ann.token, { first: 1 });
      const { nodes } = await listTokens(url, bob.token, { after: pageInfo.startCursor });
      expect(nodes.filter(({ key }) => key !== bob.key)).toEqual([]);
    });

    it.each([
      [{ first: -1 }, "first:OUT_OF_RANGE"],
      [{ first: 101 }, "first:OUT_OF_RANGE"],
      [{ first: 2_147_483_647 }, "first:OUT_OF_RANGE"],
      [{ after: "" }, "after:INVALID_FORMAT"],
      [{ after: "garbage" }, "after:INVALID_FORMAT"],
      [{ after: "MTIz" }, "after:INVALID_FORMAT"],
      [{ after: Buffer.from("1:' OR 1=1 --").toString("base64url") }, "after:INVALID_FORMAT"],
      [{ after: "A".repeat(5_000) }, "after:INVALID_FORMAT"],
    ])("refuses %j with %s", async (page, fault) => {
      const answer = await askPage(url, ann.token, page);
      expect([answer.status, answer.code, answer.fields]).toEqual([200, "BAD_USER_INPUT", [fault]]);
    });

    it.each([2_147_483_648, 1.5, "1"])("first: %j is refused before execution", async (first) => {
      const answer = await askPage(url, ann.token, { first });
      expect([answer.status, answer.code]).toEqual([400, "BAD_USER_INPUT"]);
      expect(answer.fields[0]).toMatch(/^first:/);
    });
  });

  it("shows live tokens, disabled ones among them; ended ones when asked for", async () => {
    const ann = await registerUser(url);
    const [live, disabled, revoked, expired] = await makeTokens(url, ann.token, 4);
    await updateToken(url, ann.token, disabled!.key, { enabled: false });
    await revokeToken(url, ann.token, revoked!.key);
    await moveTime(database, expired!.key, "expirationTime", Date.now());
    const shown = await listTokens(url, ann.token);
    expect(new Set(shown.nodes.map(({ key }) => key))).toEqual(new Set([ann.key, live!.key, disabled!.key]));
    expect(shown.totalCount).toBe(3);
    expect(shown.nodes.find(({ key }) => key === disabled!.key)?.enabled).toBe(false);
    const all = await listTokens(url, ann.token, { includeEnded: true });
    expect(all.totalCount).toBe(5);
    const ended = all.nodes
      .filter(({ key }) => !shown.nodes.some((node) => node.key === key))
      .map(({ key }) => key);
    expect(new Set(ended)).toEqual(new Set([revoked!.key, expired!.key]));
    const paged = await listTokens(url, ann.token, { includeEnded: true, first: 4 });
    const rest = await listTokens(url, ann.token, {
      includeEnded: true,
      first: 4,
      after: paged.pageInfo.endCursor,
    });
    expect([...paged.nodes, ...rest.nodes]).toEqual(all.nodes);
  });

  it("current is the token in use, or the one that the login issued", async () => {
    const ann = await registerUser(url);
    const login = "mutation ($input: LoginInput) { login(input: $input) { userToken { key current } } }";
    const input = { userid: ann.username, password: PASSWORD };
    const other = await makeToken(url, ann.token);
    // Signed in beside a valid token: the new one is the current one.
    const signedIn = await send(url, login, { input }, bearer(ann.token));
    expect(signedIn.data.login.userToken.current).toBe(true);
    expect((await rotate(url, other.token)).node.current).toBe(true);
    const { nodes } = await listTokens(url, ann.token);
    expect(nodes.filter(({ current }) => current).map(({ key }) => key)).toEqual([ann.key]);
    expect((await updateToken(url, ann.token, ann.key, {})).data.updateUserToken.current).toBe(true);
    expect((await updateToken(url, ann.token, other.key, {})).data.updateUserToken.current).toBe(false);
  });

  describe(`at most ${LIMIT} live tokens a user`, () => {
    it("one more is LIMIT_REACHED; one that ended makes room, a disabled one does not", async () => {
      const ann = await registerUser(strict.graphql);
      const refused = async () => {
        const answer = await askToken(strict.graphql, ann.token);
        return [answer.status, answer.code, ...answer.fields];
      };
      const [one, two] = await makeTokens(strict.graphql, ann.token, LIMIT - 1);
      expect(await refused()).toEqual([200, "BAD_USER_INPUT", "input:LIMIT_REACHED"]);
      await updateToken(url, ann.token, one!.key, { enabled: false });
      expect(await refused()).toContain("input:LIMIT_REACHED");
      await revokeToken(url, ann.token, one!.key);
      await makeToken(strict.graphql, ann.token);
      expect(await refused()).toContain("input:LIMIT_REACHED");
      await moveTime(database, two!.key, "expirationTime", Date.now());
      await makeToken(strict.graphql, ann.token);
      expect(await refused()).toContain("input:LIMIT_REACHED");
      // The limit is each user's own.
      await makeToken(strict.graphql, (await registerUser(strict.graphql)).token);
    });

    it("of many creations at once no more succeed than there is room for", async () => {
      const ann = await registerUser(strict.graphql);
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => askToken(strict.graphql, ann.token)),
      );
      expect(answers.filter(({ data }) => data)).toHaveLength(LIMIT - 1);
      const faults = answers.flatMap(({ fields }) => fields);
      expect(faults).toEqual(Array.from({ length: 20 - (LIMIT - 1) }, () => "input:LIMIT_REACHED"));
      expect(await liveKeys(url, ann.token)).toHaveLength(LIMIT);
    });

    it("a login beyond the limit ends the login token used longest ago, never a personal one", async () => {
      const ann = await registerUser(strict.graphql);
      const personal = await makeToken(strict.graphql, ann.token);
      const login = () => loginUser(strict.graphql, { userid: ann.username, password: PASSWORD });
      const second = await login();
      // Ahead of the clock, so that no use during the test can move them.
      await usedAt(ann.key, Date.now() + 7_200_000);
      await usedAt(second.key, Date.now() + 3_600_000);
      const third = await login();
      expect(await liveKeys(url, ann.token)).toEqual([third.key, personal.key, ann.key]);
      const fourth = await login();
      expect(await liveKeys(url, ann.token)).toEqual([fourth.key, personal.key, ann.key]);
    });

    const usedAt = (key: string, time: number) =>
      database.query("UPDATE user_token SET lastUsageTime = ? WHERE `key` = ?", [time, key]);
  });
});
