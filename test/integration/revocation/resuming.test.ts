import type { Database } from "../../../src/db/database.js";
import { Role } from "../../../src/entities/role.js";
import type { FeedEntry } from "../../../packages/wire/src/feed-entry.js";
import { feedEntry } from "../../../src/revocation/feed-entry.js";
import { openMigrated } from "../../support/open-test-database.js";
import { onEachDatabase, type TestDatabase } from "../../support/databases.js";
import { ACTIONS } from "../../support/revocation/actions.js";
import { oneIn, randomOf, seeded, type Random } from "../../support/seeded.js";
import { isKept, isRefused, type ModelJwt } from "../../support/revocation/verifier-model.js";
import { createModel, DAY, SECOND, type RevocationModel } from "../../support/revocation/model.js";

const START = Date.parse("2030-01-01T12:00:00.600Z");
const STEPS = 100;

/** What somebody knows who has read the feed up to a position. */
interface Reader {
  position: number;
  entries: readonly FeedEntry[];
}

const NOTHING: Reader = { position: 0, entries: [] };

/** Reads on from where somebody is. */
async function readOn({ feed }: RevocationModel, { position, entries }: Reader): Promise<Reader> {
  const page = await feed.read(position);
  return { position: page.head, entries: [...entries, ...page.entries.map(feedEntry)] };
}

const isAbout = (entry: FeedEntry, { sid, sub }: ModelJwt): boolean =>
  "sid" in entry ? entry.sid === sid : entry.sub === sub;

/** Every instant from `now` on at which what these entries say of a JWT may change. */
function turningPoints(entries: readonly FeedEntry[], now: number): number[] {
  const instants = entries.flatMap((entry) => [
    entry.exp === null ? 0 : entry.exp * SECOND,
    entry.kind === "version" ? entry.from : 0,
    entry.kind === "expiry" ? entry.at : 0,
  ]);
  return [now, ...new Set(instants.filter((instant) => instant > now).flatMap((at) => [at - 1, at]))];
}

/** When a JWT is refused by whom: one character an instant. */
const verdicts = (jwt: ModelJwt, entries: readonly FeedEntry[], instants: readonly number[]): string =>
  instants
    .map((at) => {
      const kept = entries.filter((entry) => isKept(entry, at));
      return isRefused(jwt, kept, at) ? "x" : ".";
    })
    .join("");

/** Both refuse the same at every instant from now on. */
function expectAgreement(jwts: readonly ModelJwt[], all: Reader, some: Reader, now: number): void {
  expect(some.position).toBe(all.position);
  for (const jwt of jwts) {
    const [seen, left] = [all, some].map(({ entries }) => entries.filter((entry) => isAbout(entry, jwt)));
    const instants = turningPoints(seen!, now);
    const [wanted, given] = [verdicts(jwt, seen!, instants), verdicts(jwt, left!, instants)];
    if (wanted === given) continue;
    throw new Error(`${given} instead of ${wanted}: ${JSON.stringify({ now, jwt, instants, seen, left })}`);
  }
}

/** One node or another does something; their clocks differ. */
async function act(model: RevocationModel, now: number, random: Random): Promise<void> {
  model.time.now = now + randomOf(random, [0, 0, -7 * SECOND, 4 * SECOND]);
  // A few tokens that much happens to.
  const key = model.keys.length === 0 ? await model.login(DAY) : randomOf(random, model.keys.slice(-3));
  for (let again = randomOf(random, [1, 1, 4]); again > 0; again--)
    await randomOf(random, ACTIONS)(model, key, random);
}

onEachDatabase("superseded entries", (create) => {
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

  it.each([21, 22, 23, 24])(
    "go, and whoever starts or resumes refuses at every instant what one does who saw them all (%i)",
    async (seed) => {
      const model = await createModel(opened, `resuming-${seed}`, START);
      const random = seeded(seed * 7_919);
      let now = START;
      let monitor = await readOn(model, NOTHING);
      const readers = [NOTHING];
      for (let step = 0; step < STEPS; step++) {
        now += randomOf(random, [1, 40, 700, 3 * SECOND, 15 * SECOND, 40 * SECOND]);
        await act(model, now, random);
        if (oneIn(random, 3)) continue;
        // Nothing is deleted that has just been given its position.
        while (!(await model.feed.sequence()));
        monitor = await readOn(model, monitor);
        if (oneIn(random, 6)) while ((await model.feed.tidy(new Date(now - 30 * SECOND), 7)) === 7);
        // What is committed now waits, and nobody is to miss what it will supersede.
        if (oneIn(random, 2)) await act(model, now, random);
        const late = await readOn(model, randomOf(random, readers));
        for (const reader of [await readOn(model, NOTHING), late]) {
          expectAgreement(model.jwts, monitor, reader, now);
        }
        readers.push(late);
      }
      expect(model.jwts.length).toBeGreaterThan(20);
    },
  );

  it("leave few of each token and user, also where nobody follows until the sweep", async () => {
    const model = await createModel(opened, "few", START);
    const [key, other, ended] = [await model.login(DAY), await model.login(DAY), await model.login(DAY)];
    for (let round = 0; round < 40; round++) {
      model.time.now += SECOND;
      for (const one of [key, ended]) {
        await model.enable(one, false);
        await model.enable(one, true);
        await model.expireIn(one, (2 + round) * DAY);
        await model.rotate(one, 10 * SECOND);
      }
      await model.setRole(round % 2 ? Role.USER : Role.ADMIN);
    }
    await model.revoke(ended);
    await model.expireIn(other, 3 * DAY);
    expect(await model.entries()).toHaveLength(40 * 2 * 5 - 2 + 40 + 2);
    while ((await model.feed.tidy(new Date(model.time.now - 30 * SECOND), 100)) === 100);
    const kinds = (of: string) =>
      left.filter((entry) => ("sid" in entry ? entry.sid : entry.sub) === of).map(({ kind }) => kind);
    const left = await model.entries();
    expect(kinds(key)).toEqual(["enabled", "expiry", "version", "version"]);
    expect(kinds(other)).toEqual(["expiry"]);
    expect(kinds(ended)).toEqual(["token"]);
    expect(kinds("few")).toEqual(["role"]);
  });
});
