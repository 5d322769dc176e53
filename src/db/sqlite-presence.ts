import { closeSync, fstatSync, openSync, readSync, statSync, type Stats } from "node:fs";
import { unavailable } from "../errors/latchkey-error.js";
import { BESIDE } from "./sqlite-file.js";

/** Whether the files of an open SQLite database are still those that its path names. */
export interface SqlitePresence {
  /** Remembers the files beside the database, once they exist. */
  settle(): void;
  /** What has happened to the files; null when they are there. A thorough look also compares the length. */
  fault(thorough?: boolean): string | null;
  /** @throws SERVICE_UNAVAILABLE when the files are not there. */
  check(): void;
  /** Only once SQLite has closed the file: closing it drops the locks that this process holds on it (fcntl(2)). */
  close(): void;
}

/** Bytes: the shortest page, below which no file is a database. */
const SHORTEST = 512;
const MAX_PAGE = 65_536;
/** Windows deletes and replaces no file that is open. */
const CAN_LOSE_FILES = process.platform !== "win32";

/**
 * A file that is deleted or replaced stays open, and everything seems to go on: SQLite writes to a file that has no
 * name any more, and all of it is lost with the process. So the path is compared with what is open.
 */
export function watchSqlitePresence(path: string): SqlitePresence {
  const handle = openSync(path, "r");
  const known = new Map<string, string>([[path, identityOf(fstatSync(handle))]]);
  const fault = (thorough = false): string | null => {
    if (!CAN_LOSE_FILES) return null;
    for (const [file, identity] of known) {
      const found = look(file);
      if (found === undefined) return `${file} was deleted`;
      if (identityOf(found) !== identity) return `${file} was replaced by another file`;
    }
    return isCut(handle, thorough) ? `${path} was cut off` : null;
  };
  return {
    settle: () => {
      for (const file of BESIDE.map((suffix) => path + suffix)) {
        const found = look(file);
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

function look(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

/** Shorter than any database is or, looked at thoroughly, than its own header says (sqlite.org/fileformat2.html). */
function isCut(handle: number, thorough: boolean): boolean {
  const { size } = fstatSync(handle);
  if (size < SHORTEST || !thorough) return size < SHORTEST;
  const header = Buffer.alloc(32);
  readSync(handle, header, 0, header.length, 0);
  const stored = header.readUInt16BE(16);
  const pageBytes = stored === 1 ? MAX_PAGE : stored;
  return size < header.readUInt32BE(28) * pageBytes;
}
