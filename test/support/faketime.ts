import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder, type Settings } from "./gateway.js";
import { skipUnlessRequired } from "./required.js";

/** Debian's libfaketime stands in a folder named after the machine. */
function findLibrary(): string | undefined {
  const root = "/usr/lib";
  const folders =
    process.platform === "linux" ? readdirSync(root).map((name) => join(root, name, "faketime")) : [];
  for (const folder of [join(root, "faketime"), ...folders]) {
    try {
      const name = readdirSync(folder).find((file) => file.startsWith("libfaketimeMT.so"));
      if (name !== undefined) return join(folder, name);
    } catch {
      // It is not there.
    }
  }
  return undefined;
}

const library = findLibrary();

/** Whether clocks can be set for one process alone; else it has been said why not. */
export const hasFaketime = library !== undefined;

if (!hasFaketime) skipUnlessRequired("faketime", "of clocks that are set", "there is no libfaketime");

/** The wall clock of the processes that are started with `settings`; the monotonic one is left alone. */
export interface WallClock {
  settings: Settings;
  /** Sets it so many seconds off from the right time; processes see it within a second. */
  set(seconds: number): void;
  remove(): void;
}

export function createWallClock(seconds = 0): WallClock {
  const folder = temporaryFolder();
  const file = join(folder.path, "offset");
  const set = (offset: number) => {
    writeFileSync(file, `${offset < 0 ? "" : "+"}${offset}\n`);
  };
  set(seconds);
  return {
    settings: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: "1",
      DONT_FAKE_MONOTONIC: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      NO_FAKE_STAT: "1",
    },
    set,
    remove: folder.remove,
  };
}
