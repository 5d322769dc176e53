import { chmodSync, statSync } from "node:fs";

const OTHERS = 0o077;
const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/** False on Windows, whose modes say nothing of other users. */
const HAS_MODES = process.platform !== "win32";

/**
 * Makes a file readable and writable by its owner alone, where that is permitted: only the owner may change the mode,
 * and some volumes have none. What stays open to others is told by `isOpenToOthers`.
 */
export function closeToOthers(path: string): void {
  if (!isOpenToOthers(path)) return;
  try {
    chmodSync(path, 0o600);
  } catch {
    // Whoever may not change it may still use it.
  }
}

/** Whether anybody but the owner may read or write a file. */
export function isOpenToOthers(path: string): boolean {
  return HAS_MODES && (modeOf(path) & OTHERS) !== 0;
}

/** Whether anybody but the owner may put other files in the place of those in a folder. */
export function isFolderOpenToOthers(path: string): boolean {
  const mode = modeOf(path);
  return HAS_MODES && (mode & WRITABLE_BY_OTHERS) !== 0 && (mode & STICKY) === 0;
}

/** 0 for what is not there, or in no folder. */
function modeOf(path: string): number {
  try {
    return statSync(path).mode;
  } catch {
    return 0;
  }
}
