import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostGateway } from "./gateway-host.mjs";

/** Longer than a worker waits for its next test file, and shorter than jest waits for a worker to end by itself. */
const IDLE_MS = 150;

let shared;
let closing;

/**
 * The gateway that the test files of this worker share. It must not be stopped, and its log begins where the calling
 * file begins to use it.
 *
 * @param environment the variables of the first caller, without a database: the gateway gets an SQLite file.
 */
export async function joinSharedGateway(environment) {
  const { url, output, databaseFile } = await (shared ??= start(environment));
  const begin = output.log.length;
  return {
    url,
    databaseFile,
    output: {
      get log() {
        return output.log.slice(begin);
      },
      errors: "",
    },
  };
}

async function start(environment) {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-test-"));
  const databaseFile = join(folder, "latchkey.sqlite");
  const gateway = await hostGateway({ ...environment, DATABASE_URL: `sqlite:${databaseFile}` });
  const stop = async () => {
    await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...gateway, databaseFile, stop };
}

/** A test file begins: it may want the gateway. */
export function keepSharedGateway() {
  clearTimeout(closing);
}

/** A test file ends. Where no other one begins soon, the gateway stops: a worker must end by itself. */
export function releaseSharedGateway() {
  closing = setTimeout(() => {
    const last = shared;
    shared = undefined;
    void last?.then((gateway) => gateway.stop()).catch(() => undefined);
  }, IDLE_MS);
  if (!shared) closing.unref();
}
