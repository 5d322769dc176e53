import { In, IsNull, LessThan } from "typeorm";
import type { ClientStore } from "../clients/client-store.js";
import { Client } from "../entities/client.js";
import { instantColumn } from "../entities/instant.js";
import type { Database } from "./database.js";

/** A row as the drivers give it: instants as milliseconds. */
interface Row {
  id: string;
  name: string;
  secretHash: string;
  creationTime: number;
  revocationTime: number | null;
  lastUsageTime: number | null;
}

const select = (placeholders: string) => `
  SELECT id, name, secretHash, creationTime, revocationTime, lastUsageTime
  FROM client WHERE id IN (${placeholders})`;

/** Clients in the database. */
export function createClientStore({ read, transact, select: selectRows }: Database): ClientStore {
  return {
    add: (client) =>
      transact(async (manager) => {
        await manager.insert(Client, client);
      }),
    list: () => read((manager) => manager.find(Client, { order: { creationTime: "ASC", id: "ASC" } })),
    find: async (ids) => {
      const rows = (await selectRows(select, ids)) as Row[];
      return new Map(rows.map((row) => [row.id, clientOf(row)]));
    },
    revoke: (id, now) =>
      transact(async (manager) => {
        const result = await manager.update(
          Client,
          { id, revocationTime: IsNull() },
          { revocationTime: now },
        );
        const client = await manager.findOneBy(Client, { id });
        return client && { client, changed: result.affected === 1 };
      }),
    replaceSecretHash: (id, from, to) =>
      transact(async (manager) => {
        await manager.update(Client, { id, secretHash: from }, { secretHash: to });
      }),
    touch: (ids, at) =>
      transact(async (manager) => {
        const older = [{ lastUsageTime: IsNull() }, { lastUsageTime: LessThan(at) }];
        const where = older.map((condition) => ({ ...condition, id: In([...ids]) }));
        await manager.createQueryBuilder().update(Client).set({ lastUsageTime: at }).where(where).execute();
      }),
  };
}

const maybeInstant = (value: number | null): Date | null => instantColumn.from(value) as Date | null;

function clientOf(row: Row): Client {
  return {
    ...row,
    creationTime: new Date(row.creationTime),
    revocationTime: maybeInstant(row.revocationTime),
    lastUsageTime: maybeInstant(row.lastUsageTime),
  };
}
