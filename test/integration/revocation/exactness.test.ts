import type { Database } from "../../../src/db/database.js";
import { Role } from "../../../src/entities/role.js";
import { UserToken } from "../../../src/entities/user-token.js";
import { onEachDatabase, type TestDatabase } from "../../support/databases.js";
import { openMigrated } from "../../support/open-test-database.js";
import { ACTIONS } from "../../support/revocation/actions.js";
import { randomOf, seeded } from "../../support/seeded.js";
import { isKept, isRefused } from "../../support/revocation/verifier-model.js";
import { createModel, DAY, SECOND, type RevocationModel } from "../../support/revocation/model.js";

const START = Date.parse("2030-01-01T12:00:00.600Z");
const STEPS = 150;

/** Compares what a verifier decides at a time with what the gateway would, for every JWT that was ever issued. */
async function compare(model: RevocationModel, at: number): Promise<void> {
  const entries = await model.entries();
  // What has run out is forgotten, by the gateway and by verifiers.
  const kept = entries.filter((entry) => isKept(entry, at));
  const { user } = await model.record(model.keys[0]!);
  const validFrom = user.privilegesValidFrom?.getTime() ?? 0;
  for (const jwt of model.jwts) {
    // Nor is one of an earlier time accepted whose role is right again: nobody could tell the two apart.
    const outdated = jwt.role !== null && (jwt.role !== user.role || jwt.iat * SECOND < validFrom);
    const expected = outdated || !(await model.accepts(jwt, at));
    if (isRefused(jwt, kept, at) === expected) continue;
    const about = entries.filter((entry) => "sub" in entry || entry.sid === jwt.sid);
    throw new Error(`to be ${expected ? "refused" : "accepted"}: ${JSON.stringify({ at, jwt, about })}`);
  }
}

onEachDatabase(
  "a verifier that knows the feed alone",
  (create) => {
    let database: TestDatabase;
    let opened: Database;

    beforeAll(async () => {
      database = await create();
      opened = await openMigrated(database.url);
    });

    afterEach(async () => {
      await opened.transact((manager) => manager.query("DELETE FROM revocation"));
    });

    afterAll(async () => {
      await opened.close();
      await database.drop();
    });

    it.each([11, 12, 13, 14, 15, 16, 17, 18])(
      "decides as the gateway does, now and later, whatever happens to an account (%i)",
      async (seed) => {
        const model = await createModel(opened, `user-${seed}`, START);
        const random = seeded(seed * 7_919);
        for (let step = 0; step < STEPS; step++) {
          model.time.now += randomOf(random, [1, 40, 700, 3 * SECOND, 15 * SECOND]);
          const key = model.keys.length === 0 ? await model.login(DAY) : randomOf(random, model.keys);
          await randomOf(random, ACTIONS)(model, key, random);
          for (const later of [0, 5 * SECOND, 300 * SECOND, DAY, 11 * DAY, 70 * DAY]) {
            await compare(model, model.time.now + later);
          }
        }
        expect(model.jwts.length).toBeGreaterThan(20);
      },
    );

    it("refuses a superseded JWT to its end, though the token was to end earlier for a while", async () => {
      const model = await createModel(opened, "shortened", START);
      const key = await model.login(30 * DAY);
      await model.expireIn(key, DAY);
      await model.rotate(key, 0);
      await model.expireIn(key, 60 * DAY);
      for (const later of [0, 2 * DAY, 29 * DAY, 31 * DAY]) await compare(model, START + later);
    });

    it("refuses a disabled token to the end of its longest JWT, though it was to end earlier for a while", async () => {
      const model = await createModel(opened, "disabled", START);
      const key = await model.login(30 * DAY);
      await model.login(90 * DAY);
      await model.expireIn(key, DAY);
      await model.enable(key, false);
      await model.expireIn(key, 60 * DAY);
      for (const later of [0, 2 * DAY, 29 * DAY]) await compare(model, START + later);
    });

    it.each([
      ["revoked", (model: RevocationModel, key: string) => model.revoke(key)],
      ["revoked with all others", (model: RevocationModel) => model.revokeAll(null)],
      ["of an account that is disabled", (model: RevocationModel) => model.setEnabled(false)],
    ])("is told to the end of the longest JWT of a token that is %s", async (how, end) => {
      const model = await createModel(opened, how, START);
      const [shortened, endless] = [await model.login(30 * DAY), await model.login(null)];
      const [plain, freed] = [await model.login(2 * DAY), await model.login(2 * DAY)];
      await model.enable(freed, false);
      await opened.transact((manager) => manager.update(UserToken, freed, { expirationTime: null }));
      for (const key of [shortened, endless, freed]) await model.expireIn(key, DAY);
      for (const key of [shortened, endless, plain, freed]) await end(model, key);
      const ended = (await model.entries()).filter(({ kind }) => kind === "token");
      const exps = new Map(ended.map((entry) => ["sid" in entry ? entry.sid : "", entry.exp]));
      expect([shortened, endless, plain, freed].map((key) => exps.get(key))).toEqual([
        Math.ceil((START + 30 * DAY) / SECOND),
        null,
        Math.ceil((START + 2 * DAY) / SECOND),
        null,
      ]);
      expect(ended).toHaveLength(4);
    });

    it("what an account's entry takes the place of, it lasts as long as", async () => {
      const model = await createModel(opened, "twice", START);
      for (const lifetime of [30 * DAY, DAY]) {
        await model.login(lifetime);
        await model.setEnabled(false);
        await model.setEnabled(true);
        model.time.now += 5 * SECOND;
      }
      const entries = (await model.entries()).filter(({ kind }) => kind === "user");
      expect(entries.map(({ exp }) => exp)).toEqual(Array(2).fill(Math.ceil((START + 30 * DAY) / SECOND)));
      await model.feed.tidy(new Date(model.time.now), 100);
      expect((await model.entries()).filter(({ kind }) => kind === "user")).toEqual([entries[1]]);
    });

    it("hears disabled and enabled in the order in which they happened, whatever the nodes' clocks say", async () => {
      const model = await createModel(opened, "clocks", START);
      const key = await model.login(30 * DAY);
      await model.login(30 * DAY);
      const switched: boolean[] = [];
      for (const clock of [20, 0, 10, 5, 30]) {
        model.time.now = START + clock * SECOND;
        const { token } = await model.record(key);
        switched.push(!token.enabled);
        await model.enable(key, !token.enabled);
      }
      expect(switched).toEqual([false, true, false, true, false]);
      const kinds = (await model.entries()).map(({ kind }) => kind);
      expect(kinds).toEqual(["disabled", "enabled", "disabled", "enabled", "disabled"]);
      await compare(model, model.time.now);
    });

    it("refuses what nodes whose clocks are ahead issued before the account was disabled", async () => {
      const model = await createModel(opened, "ahead", START);
      await model.login(30 * DAY, 25 * SECOND);
      await model.setEnabled(false);
      await compare(model, START);
      expect((await model.entries()).map(({ kind }) => kind)).toEqual(["user", "token"]);
    });

    it("takes a change of role back to before anybody can still have read the old one", async () => {
      const model = await createModel(opened, "role", START);
      await model.login(30 * DAY);
      await model.setRole(Role.ADMIN);
      await model.setRole(Role.ADMIN);
      const entries = await model.entries();
      expect(entries).toEqual([expect.objectContaining({ kind: "role", sub: "role" })]);
      const { before = 0 } = entries[0] as { before?: number };
      expect(before - START).toBeGreaterThanOrEqual(2 * SECOND);
      expect(before % SECOND).toBe(0);
    });
  },
  ["sqlite"],
);
