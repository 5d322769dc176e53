import { randomUUID } from "node:crypto";
import { pino } from "pino";
import type { AuditRecord } from "../../../src/audit/audit.js";
import {
  authenticateClient,
  isClientActive,
  type AuthenticateClientDeps,
} from "../../../src/clients/authenticate-client.js";
import { createClient, revokeClient } from "../../../src/clients/manage-clients.js";
import { createClientStore } from "../../../src/db/client-store.js";
import type { Database } from "../../../src/db/database.js";
import type { LatchkeyError } from "../../../src/errors/latchkey-error.js";
import { createKeyedDigest } from "../../../src/keys/keyed-digest.js";
import { coalesce } from "../../../src/lib/coalesce.js";
import { openMigrated } from "../../support/open-test-database.js";
import { basic as basicHeader } from "../../support/client.js";
import { onEachDatabase, type TestDatabase } from "../../support/databases.js";

const OLD = { id: "0000000a", key: Buffer.alloc(32, 1) };
const NEW = { id: "0000000b", key: Buffer.alloc(32, 2) };
const NOW = Date.parse("2030-01-01T12:00:00Z");
const basic = (id: string, secret: string) => basicHeader(id, secret).authorization;

onEachDatabase("clients", (create) => {
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

  /** A node of its own on the database, and what it noted. */
  function node(keys = [NEW, OLD]) {
    const records: AuditRecord[] = [];
    const uses: string[] = [];
    const store = createClientStore(opened);
    const deps = {
      store,
      lookup: coalesce((ids) => store.find(ids)),
      secrets: createKeyedDigest(keys),
      clock: () => NOW,
      audit: (record) => void records.push(record),
      log: pino({ level: "silent" }),
      used: (id) => void uses.push(id),
    } satisfies AuthenticateClientDeps & Parameters<typeof createClient>[0];
    return { deps, records, uses };
  }

  const refusal = (deps: AuthenticateClientDeps, header: string | undefined) =>
    authenticateClient(deps, header).then(
      () => "accepted",
      (error: unknown) => `${(error as LatchkeyError).code} ${(error as LatchkeyError).reason}`,
    );
  const BAD = "UNAUTHENTICATED INVALID_CREDENTIAL";

  const rowOf = async (id: string) => (await database.query("SELECT * FROM client WHERE id = ?", [id]))[0]!;

  it("one that was made is known by its id and secret, and its use is noted", async () => {
    const { deps, records, uses } = node();
    const { client, secret } = await createClient(deps, "billing service");
    expect(await authenticateClient(deps, basic(client.id, secret))).toEqual(client);
    expect(uses).toEqual([client.id]);
    expect(records).toEqual([{ event: "client.created", clientId: client.id }]);
  });

  it("the secret has 256 bits, needs no escape, and is stored nowhere", async () => {
    const { deps } = node();
    const made = await Promise.all(["a", "b", "c"].map((name) => createClient(deps, name)));
    const secrets = made.map(({ secret }) => secret);
    expect(new Set(secrets).size).toBe(3);
    for (const secret of secrets) {
      expect(secret).toMatch(/^lkc_[\w-]{43}$/);
      expect(JSON.stringify(await database.query("SELECT * FROM client"))).not.toContain(secret);
    }
  });

  it.each([undefined, "", "Basic", "Bearer x", "Basic !"])("the header %j is no client's", async (header) => {
    const expected = header === undefined ? "UNAUTHENTICATED NO_CREDENTIAL" : BAD;
    expect(await refusal(node().deps, header)).toBe(expected);
  });

  it("a wrong secret, another client's, and an unknown client are refused alike, and noted where there is a client", async () => {
    const { deps, records, uses } = node();
    const [one, two] = [await createClient(deps, "one"), await createClient(deps, "two")];
    records.length = 0;
    const { id } = one.client;
    const wrong: [string, string][] = [
      [id, "x"],
      [id, one.secret.slice(0, -1)],
      [id, `${one.secret}x`],
      [id, one.secret.toUpperCase()],
      [id, two.secret],
      [id, one.client.secretHash],
    ];
    for (const [name, secret] of wrong) expect(await refusal(deps, basic(name, secret))).toBe(BAD);
    expect(records).toEqual(
      wrong.map(() => ({ event: "client.refused", clientId: id, fault: "a wrong secret" })),
    );
    for (const name of [randomUUID(), id.toUpperCase(), "one", "' OR 1=1 --", `${id} `]) {
      expect(await refusal(deps, basic(name, one.secret))).toBe(BAD);
    }
    expect([records.length, uses]).toEqual([wrong.length, []]);
  });

  it("a digest that was copied to another row opens nothing", async () => {
    const { deps } = node();
    const [own, other] = [await createClient(deps, "own"), await createClient(deps, "other")];
    const copied = [own.client.secretHash, other.client.id];
    await database.query("UPDATE client SET secretHash = ? WHERE id = ?", copied);
    expect(await refusal(deps, basic(other.client.id, own.secret))).toBe(BAD);
  });

  it("a revoked one is refused at once, on every node, for good", async () => {
    const [a, b] = [node(), node()];
    const { client, secret } = await createClient(a.deps, "short-lived");
    expect(await refusal(b.deps, basic(client.id, secret))).toBe("accepted");
    expect(await isClientActive(b.deps, client.id)).toBe(true);
    const revoked = await revokeClient(a.deps, client.id);
    expect(revoked.revocationTime).toEqual(new Date(NOW));
    for (const { deps } of [a, b]) {
      expect(await refusal(deps, basic(client.id, secret))).toBe(BAD);
      expect(await isClientActive(deps, client.id)).toBe(false);
    }
    expect(b.records).toEqual([{ event: "client.refused", clientId: client.id, fault: "revoked" }]);
  });

  it("revoking twice changes nothing and is noted once; what does not exist is NOT_FOUND", async () => {
    const { deps, records } = node();
    const { client } = await createClient(deps, "twice");
    const first = await revokeClient(deps, client.id);
    expect(await revokeClient({ ...deps, clock: () => NOW + 1_000 }, client.id)).toEqual(first);
    expect(records.map(({ event }) => event)).toEqual(["client.created", "client.revoked"]);
    for (const id of [randomUUID(), "", client.id.toUpperCase(), "twice", "%"]) {
      await expect(revokeClient(deps, id)).rejects.toMatchObject({ code: "NOT_FOUND" });
      expect(await isClientActive(deps, id)).toBe(false);
    }
  });

  it("a replaced secret of the gateway locks nobody out, and is named by the digest after the next use", async () => {
    const before = node([OLD]);
    const { client, secret } = await createClient(before.deps, "old");
    const header = basic(client.id, secret);
    expect(await refusal(node([NEW]).deps, header)).toBe(BAD);
    expect(await refusal(node().deps, header)).toBe("accepted");
    expect((await rowOf(client.id)).secretHash).toMatch(/^0000000b\./);
    expect(await refusal(node([NEW]).deps, header)).toBe("accepted");
  });

  it("a digest that cannot be renewed still tells", async () => {
    const { client, secret } = await createClient(node([OLD]).deps, "old");
    const { deps } = node();
    const store = { ...deps.store, replaceSecretHash: () => Promise.reject(new Error("read-only")) };
    expect(await refusal({ ...deps, store }, basic(client.id, secret))).toBe("accepted");
  });

  it("the last use moves forward only", async () => {
    const { deps } = node();
    const { client } = await createClient(deps, "used");
    for (const time of [NOW, NOW - 5_000]) await deps.store.touch([client.id], new Date(time));
    expect(Number((await rowOf(client.id)).lastUsageTime)).toBe(NOW);
    expect((await deps.store.find([client.id])).get(client.id)?.lastUsageTime).toEqual(new Date(NOW));
  });

  it.each([
    ["blank", " ", "REQUIRED"],
    ["empty", "", "REQUIRED"],
    ["too long", "x".repeat(129), "TOO_LONG"],
    ["with a line end", "a\nb", "INVALID_FORMAT"],
    ["with an escape sequence", "\u001b[2J", "INVALID_FORMAT"],
    ["that runs backwards", "\u202eevil", "INVALID_FORMAT"],
    ["that is half a character", "\ud800", "INVALID_FORMAT"],
  ])("a name that is %s is refused", async (_what, name, code) => {
    await expect(createClient(node().deps, name)).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: ["name"], code }],
    });
  });

  it("a name of 128 characters of any script is kept as it is", async () => {
    const { deps } = node();
    for (const name of ["𝒜".repeat(128), "Ünïcode — 課金"]) {
      const { client } = await createClient(deps, name);
      expect((await deps.store.find([client.id])).get(client.id)?.name).toBe(name);
      expect((await deps.store.list()).at(-1)?.name.length).toBeGreaterThan(0);
    }
  });
});
