import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  type Stats,
} from "node:fs";
import { dirname } from "node:path";
import type { Logger } from "pino";
import { unavailable, type LatchkeyError } from "../errors/latchkey-error.js";
import { closeToOthers } from "../lib/private-file.js";

/** The suffixes of the files that SQLite keeps beside an open database. */
const BESIDE = ["-wal", "-shm"] as const;

/** Bytes of the smallest page. A smaller file is no database. */
const SMALLEST_PAGE = 512;
const LARGEST_PAGE = 65_536;
/** Windows neither deletes nor replaces an open file. */
const CAN_LOSE_FILES = process.platform !== "win32";
const LOOK_EVERY_MS = 1_000;

/**
 * Creates the database file and its folder. Only their owner can read them, from the first byte on, because they hold
 * names and password hashes. SQLite gives its -wal and -shm files the mode of the database file. A file that belongs to
 * another user is used as it is, if the user of this process can write it.
 *
 * @throws SERVICE_UNAVAILABLE naming the file that cannot be written.
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

/** Watches whether the path of an open SQLite database still leads to the files that are open. */
export interface SqlitePresence {
  /** Remembers the files beside the database. Call it when they exist. */
  settle(): void;
  /** What happened to the files; null when they are unchanged. A thorough check also compares the length. */
  fault(thorough?: boolean): string | null;
  /** @throws SERVICE_UNAVAILABLE when the files are gone or replaced. */
  check(): void;
  /** Call it after SQLite has closed the file: closing any handle drops all locks of this process on the file (fcntl(2)). */
  close(): void;
}

/**
 * A file that is deleted or replaced stays open, and everything seems to work: SQLite writes to a file without a name,
 * and all of it is lost when the process ends. So the presence watch compares the path with the open file.
 */
export function watchSqlitePresence(path: string): SqlitePresence {
  const handle = openSync(path, "r");
  const known = new Map<string, string>([[path, identityOf(fstatSync(handle))]]);
  const fault = (thorough = false): string | null => {
    if (!CAN_LOSE_FILES) return null;
    for (const [file, identity] of known) {
      const found = statOf(file);
      if (found === undefined) return `${file} was deleted`;
      if (identityOf(found) !== identity) return `${file} was replaced by another file`;
    }
    return isCut(handle, thorough) ? `${path} was cut off` : null;
  };
  return {
    settle: () => {
      for (const file of BESIDE.map((suffix) => path + suffix)) {
        const found = statOf(file);
        if (found !== undefined) known.set(file, identityOf(found));
      }
    },
    fault,
    check: () => {
      const found = fault();
      if (found !== null) throw unavailable(`the database file ${found}`);
    },
    close: () => closeSync(handle),
  };
}

const identityOf = ({ dev, ino }: Stats): string => `${dev}:${ino}`;

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

/**
 * Whether the file is shorter than any database. A thorough check also compares it with the size that its own header
 * states (sqlite.org/fileformat2.html).
 */
function isCut(handle: number, thorough: boolean): boolean {
  const { size } = fstatSync(handle);
  if (size < SMALLEST_PAGE || !thorough) return size < SMALLEST_PAGE;
  const header = Buffer.alloc(32);
  readSync(handle, header, 0, header.length, 0);
  const stored = header.readUInt16BE(16);
  const pageBytes = stored === 1 ? LARGEST_PAGE : stored;
  return size < header.readUInt32BE(28) * pageBytes;
}

/**
 * Logs within two seconds that the files of the database are gone, and later that they are back.
 *
 * @returns a function that stops it.
 */
export function reportPresence(database: Pick<SqlitePresence, "fault">, log: Logger): () => Promise<void> {
  let seen: string | null = null;
  let reported: string | null = null;
  const look = () => {
    const fault = database.fault(true);
    // Only when two checks in a row agree: another process may be about to make the file longer.
    if (fault === seen && fault !== reported) {
      reported = fault;
      if (fault === null) log.info("the database file is back");
      else log.error({ fault }, "the database file is gone: every request that needs it is refused with 503");
    }
    seen = fault;
  };
  const timer = setInterval(look, LOOK_EVERY_MS).unref();
  return async () => {
    clearInterval(timer);
  };
}
