import { join } from "node:path";
import { startGateway, temporaryFolder, type RunningGateway, type Settings } from "./gateway.js";

/** A gateway on an SQLite file of its own, for what is the same on every database. */
export interface OwnGateway extends RunningGateway {
  databaseFile: string;
  /** Stops it and removes the file. */
  close(): Promise<void>;
}

export async function startOwnGateway(settings: Settings = {}): Promise<OwnGateway> {
  const folder = temporaryFolder();
  const databaseFile = join(folder.path, "latchkey.sqlite");
  const gateway = await startGateway({ DATABASE_URL: `sqlite:${databaseFile}`, ...settings });
  return {
    ...gateway,
    databaseFile,
    close: async () => {
      await gateway.stop();
      folder.remove();
    },
  };
}
