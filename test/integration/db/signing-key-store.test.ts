import type { SigningKey } from "../../../src/entities/signing-key.js";
import { openDatabase, type Database } from "../../../src/db/database.js";
import { withLease } from "../../../src/db/lease.js";
import { migrate } from "../../../src/db/migrate.js";
import { createSigningKeyStore } from "../../../src/db/signing-key-store.js";
import { generateSigningKey } from "../../../src/keys/signing-key.js";
import { listKeys, rotateKey, type KeyRecord } from "../../../src/keys/key-lifecycle.js";
import { deriveSecrets } from "../../../src/keys/secrets.js";
import { maintainKeys } from "../../../src/keys/key-maintenance.js";
import { onEachDatabase, type TestDatabase } from "../../support/databases.js";
import { TEST_SECRET } from "../../support/gateway.js";
import { databaseConfig, openMigrated } from "../../support/open-test-database.js";

const DAY = 86_400_000;
const NODES = 4;

const secrets = deriveSecrets([TEST_SECRET]);

function makeKey(activeFrom: number): Promise<SigningKey> {
  return generateSigningKey(secrets, { algorithm: "ES256", createdAt: 5, activeFrom });
}

onEachDatabase("stored signing keys", (create) => {
  let database: TestDatabase;
  let nodes: Database[];

  beforeEach(async () => {
    database = await create();
    nodes = [await openMigrated(database.url)];
  });

  afterEach(async () => {
    for (const node of nodes) await node.close();
    await database.drop();
  });

  const first = () => createSigningKeyStore(nodes[0]!);
  const stored = async (kid: string) => (await first().list()).find((key) => key.kid === kid);

  it("come back as they went in, always in the same order", async () => {
    const keys = await Promise.all([1, 2, 3].map(makeKey));
    for (const key of keys) await first().add(key);
    const sorted = keys.toSorted((a, b) => (a.kid < b.kid ? -1 : 1));
    expect(await first().list()).toEqual(sorted);
  });

  it("are kept for longer, and never for less", async () => {
    const key = await makeKey(1);
    await first().add(key);
    for (const [asked, kept] of [
      [DAY, DAY],
      [5, DAY],
      [2 * DAY, 2 * DAY],
    ] as const) {
      await first().keepUntil(key.kid, new Date(asked));
      expect((await stored(key.kid))?.tokensUntil).toEqual(new Date(kept));
    }
  });

  it("are dropped once, without their private half; the successor is there in the same moment", async () => {
    const [signing, upcoming, made] = await Promise.all([1, 99, 7].map(makeKey));
    if (!signing || !upcoming || !made) throw new Error("three keys");
    await first().add(signing);
    await first().add(upcoming);
    await first().drop(signing.kid, new Date(7), upcoming.kid);
    await first().drop(signing.kid, new Date(8), null);
    expect(await stored(signing.kid)).toEqual({ ...signing, dropTime: new Date(7), privateKey: "" });
    expect(await stored(upcoming.kid)).toEqual({ ...upcoming, activationTime: new Date(7) });
    await first().drop(upcoming.kid, new Date(9), made);
    expect(await stored(made.kid)).toEqual(made);
    await first().activate(upcoming.kid, new Date(10));
    expect((await stored(upcoming.kid))?.activationTime).toEqual(new Date(7));
    // A successor that cannot be stored leaves the key as it was.
    await expect(first().drop(made.kid, new Date(11), made)).rejects.toThrow();
    expect(await stored(made.kid)).toEqual(made);
  });

  it("are sealed anew only by who saw them last, and never again once dropped", async () => {
    const key = await makeKey(1);
    await first().add(key);
    await first().replacePrivateKey(key.kid, "something else", "new");
    expect(await stored(key.kid)).toEqual(key);
    await first().drop(key.kid, new Date(7), null);
    await first().replacePrivateKey(key.kid, key.privateKey, "new");
    expect((await stored(key.kid))?.privateKey).toBe("");
  });

  it(`of ${NODES} nodes that find a rotation due at once, one makes it; commands take turns with them`, async () => {
    while (nodes.length < NODES) nodes.push(await openDatabase(databaseConfig(database.url)));
    const due = await makeKey(Date.now() - 91 * DAY);
    const spent = await makeKey(Date.now() - 300 * DAY);
    for (const key of [due, spent]) await first().add(key);
    const audited: KeyRecord[] = [];
    const deps = nodes.map((node) => ({
      store: createSigningKeyStore(node),
      secrets,
      algorithm: "ES256" as const,
      clock: Date.now,
      audit: (record: KeyRecord) => void audited.push(record),
      exclusively: <T>(work: () => Promise<T>) => withLease(node, "keys", work),
      publishAheadMs: 15 * 60_000,
      rotationMs: 90 * DAY,
      retentionMs: 30 * DAY,
    }));
    const command = rotateKey(deps[0]!, { atOnce: false, by: "cli" }).catch(() => undefined);
    await Promise.all([command, ...deps.map((node) => maintainKeys(node, { atStart: false }))]);
    const keys = await listKeys(deps[0]!);
    expect(keys.map(({ state }) => state)).toEqual(["upcoming", "signing"]);
    expect(keys[1]?.kid).toBe(due.kid);
    expect(audited.map(({ event }) => event).sort()).toEqual(["key.removed", "key.rotated"]);
    expect(await database.query("SELECT name FROM lease")).toEqual([]);
  });
});

onEachDatabase("signing keys of a database that is brought up to date", (create) => {
  it("are kept for the token that ends last, also when the start before was killed half-way", async () => {
    const database = await create();
    const opened = await openMigrated(database.url);
    const store = createSigningKeyStore(opened);
    const key = await makeKey(1);
    await store.add(key);
    await database.query(
      "INSERT INTO `user` (id, username, passwordHash, locale, role, enabled, creationTime) VALUES ('u', 'ann', '-', 'en', 'viewer', 1, 0)",
    );
    const addToken = (name: string, end: number | null) =>
      database.query(
        "INSERT INTO user_token (`key`, userId, origin, scopes, enabled, version, creationTime, expirationTime) VALUES (?, 'u', 'login', '', 1, 0, 0, ?)",
        [name, end],
      );
    const again = async () => {
      await database.query("DELETE FROM migration WHERE name LIKE 'KeyRotation%'");
      await migrate(opened, () => Promise.resolve());
      return (await store.list())[0]?.tokensUntil.toISOString();
    };
    expect(await again()).toBe("1970-01-01T00:00:00.000Z");
    await addToken("early", DAY);
    await addToken("late", 2 * DAY);
    // The columns are there, the values are not.
    expect(await again()).toBe("1970-01-03T00:00:00.000Z");
    await addToken("endless", null);
    expect(await again()).toBe("9999-12-31T23:59:59.000Z");
    await opened.close();
    await database.drop();
  });
});
