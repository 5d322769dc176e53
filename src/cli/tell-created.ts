import type { Created } from "../core.js";

/** What a start made, and where; nothing when everything was there. */
export function tellCreated({ databaseFile, secretFile }: Created): [what: string, where: string][] {
  const told: [string, string][] = [];
  if (databaseFile !== null) told.push(["database", databaseFile]);
  if (secretFile !== null) {
    told.push(["secret", `${secretFile} (keep a copy: tokens and passwords depend on it)`]);
  }
  return told;
}
