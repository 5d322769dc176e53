import { IsNull } from "typeorm";
import type { ClientStore } from "../clients/client-store.js";
import { Client } from "../entities/client.js";
import type { Database } from "./database.js";
import { entityRows } from "./entity-rows.js";
import { touchLastUsage } from "./touch-last-usage.js";

/** Clients in the database. */
export function createClientStore(database: Database): ClientStore {
  const { read, transact } = database;
  const clients = entityRows(database, Client);
  const selectByIds = `SELECT ${clients.columns} FROM client WHERE id IN (?)`;
  return {
    add: (client) =>
      transact(async (manager) => {
        await manager.insert(Client, client);
      }),
    list: () => read((manager) => manager.find(Client, { order: { creationTime: "ASC", id: "ASC" } })),
    find: async (ids) => {
      const found = (await database.select(selectByIds, ids)).map(clients.read);
      return new Map(found.map((client) => [client.id, client]));
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
    touch: (ids, at) => transact((manager) => touchLastUsage(manager, [Client, "id"], ids, at)),
  };
}
