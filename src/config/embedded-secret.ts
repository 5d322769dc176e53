import { randomBytes, randomUUID } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { closeToOthers } from "../lib/private-file.js";
import { ConfigError } from "./config-error.js";
import { errorCodeOf, readSecretFile, reasonOf, withoutLineEnd } from "./read-secret-file.js";
import { secret as secretSchema } from "./setting-schemas.js";

const FILE_NAME = "latchkey.secret";
const SECRET_BYTES = 48;

export interface EmbeddedSecret {
  secret: string;
  /** The file, when this call made it; null when it was there. */
  createdAt: string | null;
}

/** Where the secret of an embedded database is, unless `LATCHKEY_SECRET` is set. */
export const embeddedSecretPath = (databasePath: string): string => join(dirname(databasePath), FILE_NAME);

/**
 * The secret of an embedded database: read from `latchkey.secret` beside the
 * SQLite file, or made there (mode 0600, its folder 0700). However many
 * processes start at once, all return the same secret: it is written and
 * synced under another name, and link(2) gives it the final one only if that
 * is free, so nobody can see a half-written file or replace another's.
 *
 * @throws ConfigError naming the path when the file is malformed, or cannot be read or made.
 */
export function ensureEmbeddedSecret(databasePath: string): EmbeddedSecret {
  const path = embeddedSecretPath(databasePath);
  // Asked first: whoever filled the database has made the secret before.
  const inUse = isFilled(databasePath);
  const existing = readExisting(path);
  if (existing !== null) return { secret: existing, createdAt: null };
  if (inUse) throw secretFault(path, "is missing, and the database depends on it; put it back from a backup");
  const made = randomBytes(SECRET_BYTES).toString("base64");
  if (publish(path, made)) return { secret: made, createdAt: path };
  const winner = readExisting(path);
  if (winner === null) throw secretFault(path, "was removed while it was being made");
  return { secret: winner, createdAt: null };
}

function isFilled(databasePath: string): boolean {
  try {
    return statSync(databasePath).size > 0;
  } catch {
    // Not there, or not to be looked at: what is wrong with the folder is told when the secret is read or made.
    return false;
  }
}

function readExisting(path: string): string | null {
  const content = readSecretIfThere(path);
  if (content === null) return null;
  const result = secretSchema.safeParse(withoutLineEnd(content));
  if (!result.success)
    throw secretFault(path, "does not hold one secret; put the one it held back from a backup");
  return result.data;
}

function readSecretIfThere(path: string): string | null {
  // It may have been copied here, or belong to another user: see isOpenToOthers.
  closeToOthers(path);
  try {
    return readSecretFile(path);
  } catch (error) {
    if (errorCodeOf(error) === "ENOENT") return null;
    throw secretFault(path, `cannot be read${reasonOf(error)}`, error);
  }
}

/** True when the file is there because of this call, false when another process was first. */
function publish(path: string, secret: string): boolean {
  const folder = dirname(path);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    placeDraft(`${path}.${randomUUID()}.tmp`, path, `${secret}\n`);
    syncFolder(folder);
    return true;
  } catch (error) {
    if (errorCodeOf(error) === "EEXIST") return false;
    throw secretFault(
      path,
      `cannot be made${reasonOf(error)}; make it writable, or set LATCHKEY_SECRET`,
      error,
    );
  }
}

function placeDraft(draft: string, path: string, content: string): void {
  try {
    writeSynced(draft, content);
    linkSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}

function writeSynced(path: string, content: string): void {
  const file = openSync(path, "wx", 0o600);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The new name must outlive a power cut as surely as what is encrypted under the secret. Windows syncs no folders. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function secretFault(path: string, problem: string, cause?: unknown): ConfigError {
  const options = cause === undefined ? undefined : { cause };
  return new ConfigError(
    [{ name: "LATCHKEY_SECRET", message: `the secret file ${path} ${problem}` }],
    options,
  );
}
