import { onEachDatabase, type TestDatabase } from "./databases.js";
import { startGateway, type RunningGateway, type Settings } from "./gateway.js";

/** A gateway and its database, once `beforeAll` has run. */
export interface GatewaySetup {
  url: string;
  graphql: string;
  gateway: RunningGateway;
  database: TestDatabase;
}

/** The same suite on every kind of database, each with one gateway for all its tests. */
export function onEachGateway(
  title: string,
  suite: (setup: GatewaySetup) => void,
  settings: Settings = {},
  kinds?: readonly TestDatabase["kind"][],
): void {
  onEachDatabase(
    title,
    (create) => {
      const setup = {} as GatewaySetup;

      beforeAll(async () => {
        setup.database = await create();
        setup.gateway = await startGateway({ DATABASE_URL: setup.database.url, ...settings });
        setup.url = setup.gateway.url;
        setup.graphql = setup.gateway.graphql;
      });

      afterAll(async () => {
        await setup.gateway.stop();
        await setup.database.drop();
      });

      suite(setup);
    },
    kinds,
  );
}

/** The row of a user token. */
export async function rowOf({ database }: GatewaySetup, key: string): Promise<Record<string, unknown>> {
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
