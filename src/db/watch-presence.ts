import type { Logger } from "pino";
import type { Database } from "./database.js";

const EVERY_MS = 1_000;

/**
 * Says in the log, within two seconds, that the files of the database are gone, and when they are back.
 *
 * @returns what stops it.
 */
export function watchPresence(database: Pick<Database, "fault">, log: Logger): () => Promise<void> {
  let seen: string | null = null;
  let told: string | null = null;
  const look = () => {
    const fault = database.fault(true);
    // Twice in a row: another process may be just about to make the file longer.
    if (fault === seen && fault !== told) {
      told = fault;
      if (fault === null) log.info("the database file is back");
      else log.error({ fault }, "the database file is gone: every request that needs it is refused with 503");
    }
    seen = fault;
  };
  const timer = setInterval(look, EVERY_MS).unref();
  return async () => {
    clearInterval(timer);
  };
}
