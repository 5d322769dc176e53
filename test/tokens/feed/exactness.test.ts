import type { Database } from "../../../src/db/database.js";
import { Role } from "../../../src/entities/role.js";
import { onEachDatabase } from "../../support/databases.js";
import type { TestDatabase } from "../../support/databases.js";
import { openMigrated } from "../../db/open-test-database.js";
import { isKept, isRefused } from "./verifier-model.js";
import { createWorld, DAY, SECOND } from "./world.js";
import type { World } from "./world.js";

const START = Date.parse("2030-01-01T12:00:00.600Z");
const STEPS = 150;

/** Numbers that look random and are the same in every run (Park and Miller). */
function createRandom(seed: number) {
  let state = seed;
  const below = (limit: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
  return {
    oneIn: (count: number) => below(count) === 0,
    of: <T>(list: readonly T[]) => list[below(list.length)]!,
  };
}

type Random = ReturnType<typeof createRandom>;

/** What may happen to an account and one of its tokens. The rarer ones end so much that little could follow. */
const ACTS: ((world: World, key: string, random: Random) => Promise<unknown>)[] = [
  (world, _key, { of }) => world.login(of([null, 90 * SECOND, DAY, 30 * DAY]), of([0, 20 * SECOND])),
  (world, key, { of }) => world.use(key, of([0, 20 * SECOND])),
  (world, key, { of }) => world.rotate(key, of([0, 10 * SECOND])),
  (world, key, { of }) => world.enable(key, of([true, false])),
  (world, key, { of }) => world.expireIn(key, of([20 * SECOND, DAY / 2, 10 * DAY, 60 * DAY])),
  (world, _key, { of }) => world.setRole(of([Role.USER, Role.ADMIN])),
  async (world, key, { oneIn }) => oneIn(3) && world.revoke(key),
  async (world, key, { oneIn, of }) => oneIn(8) && world.revokeAll(of([null, key])),
  async (world, _key, { oneIn }) => {
    if (!oneIn(8)) return;
    await world.setEnabled(false);
    await world.setEnabled(true);
    // Within the very second.
    await world.login(DAY);
  },
];

/** Compares what a verifier decides at a time with what the gateway would, for every JWT that was ever issued. */
async function compare(world: World, at: number): Promise<void> {
  const entries = await world.entries();
  // What has run out is forgotten, by the gateway and by verifiers.
  const kept = entries.filter((entry) => isKept(entry, at));
  const { user } = await world.standing(world.keys[0]!);
  const validFrom = user.privilegesValidFrom?.getTime() ?? 0;
  for (const jwt of world.jwts) {
    // Nor is one of an earlier time accepted whose role is right again: nobody could tell the two apart.
    const outdated = jwt.role !== null && (jwt.role !== user.role || jwt.iat * SECOND < validFrom);
    const expected = outdated || !(await world.accepts(jwt, at));
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
        const world = await createWorld(opened, `user-${seed}`, START);
        const random = createRandom(seed * 7_919);
        for (let step = 0; step < STEPS; step++) {
          world.time.now += random.of([1, 40, 700, 3 * SECOND, 15 * SECOND]);
          const key = world.keys.length === 0 ? await world.login(DAY) : random.of(world.keys);
          await random.of(ACTS)(world, key, random);
          for (const later of [0, 5 * SECOND, 300 * SECOND, DAY, 11 * DAY, 70 * DAY]) {
            await compare(world, world.time.now + later);
          }
        }
        expect(world.jwts.length).toBeGreaterThan(20);
      },
    );

    it("refuses a superseded JWT to its end, though the token was to end earlier for a while", async () => {
      const world = await createWorld(opened, "shortened", START);
      const key = await world.login(30 * DAY);
      await world.expireIn(key, DAY);
      await world.rotate(key, 0);
      await world.expireIn(key, 60 * DAY);
      for (const later of [0, 2 * DAY, 29 * DAY, 31 * DAY]) await compare(world, START + later);
    });

    it("refuses a disabled token to the end of its longest JWT, though it was to end earlier for a while", async () => {
      const world = await createWorld(opened, "disabled", START);
      const key = await world.login(30 * DAY);
      await world.login(90 * DAY);
      await world.expireIn(key, DAY);
      await world.enable(key, false);
      await world.expireIn(key, 60 * DAY);
      for (const later of [0, 2 * DAY, 29 * DAY]) await compare(world, START + later);
    });

    it("hears disabled and enabled in the order in which they happened, whatever the nodes' clocks say", async () => {
      const world = await createWorld(opened, "clocks", START);
      const key = await world.login(30 * DAY);
      await world.login(30 * DAY);
      const switched: boolean[] = [];
      for (const clock of [20, 0, 10, 5, 30]) {
        world.time.now = START + clock * SECOND;
        const { token } = await world.standing(key);
        switched.push(!token.enabled);
        await world.enable(key, !token.enabled);
      }
      expect(switched).toEqual([false, true, false, true, false]);
      const kinds = (await world.entries()).map(({ kind }) => kind);
      expect(kinds).toEqual(["disabled", "enabled", "disabled", "enabled", "disabled"]);
      await compare(world, world.time.now);
    });

    it("refuses what nodes whose clocks are ahead issued before the account was disabled", async () => {
      const world = await createWorld(opened, "ahead", START);
      await world.login(30 * DAY, 25 * SECOND);
      await world.setEnabled(false);
      await compare(world, START);
      expect((await world.entries()).map(({ kind }) => kind)).toEqual(["user", "token"]);
    });

    it("takes a change of role back to before anybody can still have read the old one", async () => {
      const world = await createWorld(opened, "role", START);
      await world.login(30 * DAY);
      await world.setRole(Role.ADMIN);
      await world.setRole(Role.ADMIN);
      const entries = await world.entries();
      expect(entries).toEqual([expect.objectContaining({ kind: "role", sub: "role" })]);
      const { before = 0 } = entries[0] as { before?: number };
      expect(before - START).toBeGreaterThanOrEqual(2 * SECOND);
      expect(before % SECOND).toBe(0);
    });
  },
  ["sqlite"],
);
