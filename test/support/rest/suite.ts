import { onEachDatabase } from "../databases.js";
import type { TestDatabase } from "../databases.js";
import { startGateway } from "../gateway.js";
import type { RunningGateway, Settings } from "../gateway.js";

/** A gateway and its database, once `beforeAll` has run. */
export interface House {
  url: string;
  graphql: string;
  gateway: RunningGateway;
  database: TestDatabase;
}

/** The same suite on every kind of database, each with one gateway for all its tests. */
export function onEachGateway(
  title: string,
  suite: (house: House) => void,
  settings: Settings = {},
  kinds?: readonly TestDatabase["kind"][],
): void {
  onEachDatabase(
    title,
    (create) => {
      const house = {} as House;

      beforeAll(async () => {
        house.database = await create();
        house.gateway = await startGateway({ DATABASE_URL: house.database.url, ...settings });
        house.url = house.gateway.url;
        house.graphql = house.gateway.graphql;
      });

      afterAll(async () => {
        await house.gateway.stop();
        await house.database.drop();
      });

      suite(house);
    },
    kinds,
  );
}

/** The row of a user token. */
export async function rowOf({ database }: House, key: string): Promise<Record<string, unknown>> {
  const [row] = await database.query("SELECT * FROM user_token WHERE `key` = ?", [key]);
  if (!row) throw new Error("there is no such token row");
  return row;
}

/** The log is written behind: looks again until it says so. */
export async function eventually(look: () => void): Promise<void> {
  const end = Date.now() + 10_000;
  for (;;) {
    try {
      look();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
