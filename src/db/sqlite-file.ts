import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { unavailable, type LatchkeyError } from "../errors/latchkey-error.js";
import { closeToOthers } from "../lib/private-file.js";

/** What SQLite appends to the path for the files that it keeps beside an open database. */
export const BESIDE = ["-wal", "-shm"] as const;

/**
 * Makes the database file, and its folder, readable by their owner alone, from the first byte on: names
 * and password hashes are in it. SQLite gives its -wal and -shm files the mode of the main one. A file that belongs
 * to another user is used as it is, if this one may write it.
 *
 * @throws SERVICE_UNAVAILABLE naming the file that this user may not write.
 */
export function createSqliteFile(path: string): void {
  attempt(path, () => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, "a", 0o600));
  });
  closeToOthers(path);
  for (const file of BESIDE.map((suffix) => path + suffix).filter(existsSync)) {
    attempt(file, () => {
      accessSync(file, constants.R_OK | constants.W_OK);
    });
    closeToOthers(file);
  }
}

function attempt(path: string, open: () => void): void {
  try {
    open();
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function cannotWrite(path: string, error: unknown): LatchkeyError {
  const { code = "failed" } = error as NodeJS.ErrnoException;
  const who = process.getuid ? ` by the user with the id ${process.getuid()}` : "";
  return unavailable(`the database file ${path} cannot be opened and written${who} (${code})`, error);
}
