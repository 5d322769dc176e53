import { createClientStore } from "../../../src/db/client-store.js";
import type { Database } from "../../../src/db/database.js";
import { createTokenStore } from "../../../src/db/token-store.js";
import { Client } from "../../../src/entities/client.js";
import { User } from "../../../src/entities/user.js";
import { UserToken } from "../../../src/entities/user-token.js";
import { onEachDatabase, type TestDatabase } from "../../support/databases.js";
import { openMigrated } from "../../support/open-test-database.js";

const ADD_USER =
  "INSERT INTO `user` (id, username, email, passwordHash, locale, role, enabled, creationTime, tokensValidFrom) VALUES (?, 'Zoë', NULL, '-', 'en', 'user', 1, 5, 7)";
const ADD_TOKEN =
  "INSERT INTO user_token (`key`, userId, origin, scopes, enabled, version, creationTime, expirationTime) VALUES (?, ?, 'login', ?, ?, 3, 1893456000123, ?)";

onEachDatabase("what is read on the connections of the row check", (create) => {
  let database: TestDatabase;
  let opened: Database;

  beforeAll(async () => {
    database = await create();
    opened = await openMigrated(database.url);
  });

  afterAll(async () => {
    await opened.close();
    await database.drop();
  });

  it("is what TypeORM's own queries read: tokens with their owners", async () => {
    const [id, keys] = ["an-owner", ["plain", "ended"]];
    const rows = await opened.transact(async (manager) => {
      await manager.query(ADD_USER, [id]);
      await manager.query(ADD_TOKEN, ["plain", id, "a:read b", 1, null]);
      await manager.query(ADD_TOKEN, ["ended", id, "", 0, 1_893_456_000_456]);
      return Promise.all([manager.findOneByOrFail(User, { id }), manager.find(UserToken)]);
    });
    const records = await createTokenStore(opened, () => undefined).findRecords([
      ...keys,
      "unknown",
      "plain",
    ]);
    expect([...records.keys()].sort()).toEqual(["ended", "plain"]);
    for (const token of rows[1]) expect(records.get(token.key)).toEqual({ token, user: rows[0] });
    expect(records.get("plain")).toMatchObject({
      token: { enabled: true, scopes: ["a:read", "b"], expirationTime: null },
      user: { tokensValidFrom: new Date(7) },
    });
    expect(records.get("plain")?.user).not.toHaveProperty("passwordHash");
    expect(records.get("ended")).toMatchObject({
      token: { enabled: false, scopes: [], expirationTime: new Date(1_893_456_000_456) },
    });
  });

  it("is what TypeORM's own queries read: clients", async () => {
    const store = createClientStore(opened);
    const [creationTime, never] = [
      new Date(1_893_456_000_123),
      { revocationTime: null, lastUsageTime: null },
    ];
    await store.add({ id: "a-client", name: "Zoë", secretHash: "-", creationTime, ...never });
    const client = await opened.read((manager) => manager.findOneByOrFail(Client, { id: "a-client" }));
    expect(await store.find(["a-client", "unknown"])).toEqual(new Map([["a-client", client]]));
    expect(await store.find([])).toEqual(new Map());
  });

  it("is found by lists of any length", async () => {
    const many = Array.from({ length: 700 }, (_, at) => `client-${at}`);
    const rows = many.map((id) => ({ id, name: id, secretHash: "-", creationTime: new Date(1) }));
    await opened.transact((manager) => manager.insert(Client, rows));
    const store = createClientStore(opened);
    for (const count of [1, 2, 3, 256, 257, 700]) {
      expect([...(await store.find(many.slice(0, count))).keys()].sort()).toEqual(
        many.slice(0, count).sort(),
      );
    }
  });
});
