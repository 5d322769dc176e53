import { editDistance } from "./edit-distance.js";
import { knownNames, PREFIX, printableName } from "./known-names.js";
import type { Environment } from "./read-settings.js";

/** A variable that is read by nobody here, and the setting that it may be meant for. */
export interface NearName {
  /** Fit to be printed. */
  name: string;
  meant: string;
}

/** What Latchkey's own prefix may be misspelt as. */
const PREFIX_WORD = /^([A-Z]+(?:_KEY)?)_(.+)$/;
const PREFIX_EDITS = 2;

/**
 * Variables whose names are near to that of a setting, and which therefore leave it at its default without a word.
 * They are no faults: they may belong to another program. Names that begin with `LATCHKEY_` are not among them: those
 * are refused (find-unknown-names.ts).
 */
export function findNearNames(env: Environment = process.env): NearName[] {
  const known = knownNames();
  const settable = new Set(known);
  return Object.keys(env).flatMap((name) => {
    const upper = name.toUpperCase();
    if (env[name] === undefined || settable.has(name) || upper.startsWith(PREFIX)) return [];
    // Windows knows no case: the setting is read under this name, too.
    if (settable.has(upper) && env[upper] !== undefined) return [];
    const meant = nearestOf(upper, known) ?? nearestOf(withoutNearPrefix(upper), known);
    return meant === undefined ? [] : [{ name: printableName(name), meant }];
  });
}

function nearestOf(name: string, known: readonly string[]): string | undefined {
  const near = known
    .filter((candidate) => Math.abs(candidate.length - name.length) <= 2)
    .map((candidate) => ({ candidate, edits: editDistance(name, candidate) }))
    .filter(({ candidate, edits }) => edits <= editsAllowed(name, candidate))
    .sort((a, b) => a.edits - b.edits);
  return near[0]?.candidate;
}

/**
 * The shorter a name, the more words of other programs lie around it: PATH and POST beside PORT, HOME and HOSTS beside
 * HOST. Of names of four letters only those with the same letters are meant; then one edit; from nine letters on two.
 */
function editsAllowed(name: string, candidate: string): number {
  if (candidate.length > 8) return 2;
  if (candidate.length > 4) return 1;
  return sorted(name) === sorted(candidate) ? 1 : 0;
}

const sorted = (text: string): string => [...text].sort().join("");

/** `LATCHKY_DATABASE_URL` without its prefix; other names as they are. */
function withoutNearPrefix(name: string): string {
  const [, prefix = "", rest = ""] = PREFIX_WORD.exec(name) ?? [];
  return prefix !== "" && editDistance(prefix.replace("_", ""), PREFIX.slice(0, -1)) <= PREFIX_EDITS
    ? rest
    : name;
}
