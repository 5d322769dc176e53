import { onEachDatabase, type TestDatabase } from "./databases.js";
import { joinSharedGateway, startGateway, type RunningGateway, type Settings } from "./gateway.js";
import { startOwnGateway, type OwnGateway } from "./own-gateway.js";

/** A gateway and its database, once `beforeAll` has run. */
export interface GatewaySetup {
  url: string;
  graphql: string;
  gateway: RunningGateway;
  database: TestDatabase;
}

/** Runs the same suite on every kind of database, each with one gateway for all its tests. */
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

      suite(setup);

      // After those of the suite: hooks run in the order of their definition.
      afterAll(async () => {
        await setup.gateway.stop();
        await setup.database.drop();
      });
    },
    kinds,
  );
}

/** Gives the tests of this block a gateway of their own, on an SQLite file. It is there once `beforeAll` has run. */
export function withGateway(settings: Settings = {}): OwnGateway {
  const gateway = {} as OwnGateway;

  beforeAll(async () => {
    Object.assign(gateway, await startOwnGateway(settings));
  });

  afterAll(() => gateway.close());

  return gateway;
}

/** The gateway with the default settings, on an SQLite file, that the test files of a worker share. */
export type SharedGateway = Omit<OwnGateway, "stop" | "close">;

/** Gives the tests of this block the shared gateway, once `beforeAll` has run. Its log begins with this test file. */
export function sharedGateway(): SharedGateway {
  const gateway = {} as SharedGateway;

  beforeAll(async () => {
    Object.assign(gateway, await joinSharedGateway());
  });

  return gateway;
}
