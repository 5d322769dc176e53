import { isIP } from "node:net";
import type { ConfigFault } from "./config-error.js";
import type { Environment } from "./read-settings.js";
import { fileVariable, listSettings } from "./settings.js";

export const PREFIX = "LATCHKEY_";
const MAX_SHOWN = 64;

/** Every variable that is read, the `_FILE` form of secrets too. */
export function knownNames(): string[] {
  return listSettings().flatMap(([name, { secret }]) => (secret ? [name, fileVariable(name)] : [name]));
}

/** A name can hold anything but "=": it must not break the line it is printed on. */
export function printableName(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, "?").slice(0, MAX_SHOWN);
}

/**
 * How many letters must be put in, left out, replaced or swapped with their neighbour to make one text of another:
 * Damerau's and Levenshtein's distance, in which no part is changed twice.
 */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 0; i < from.length; i += 1) {
    const row = [i + 1];
    for (let j = 0; j < to.length; j += 1) {
      const replaced = (last[j] ?? 0) + (from[i] === to[j] ? 0 : 1);
      const swapped = i > 0 && j > 0 && from[i] === to[j - 1] && from[i - 1] === to[j];
      const bySwap = swapped ? (beforeLast[j - 1] ?? 0) + 1 : Infinity;
      row.push(Math.min(replaced, bySwap, (last[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1));
    }
    [beforeLast, last] = [last, row];
  }
  return last.at(-1) ?? 0;
}

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

/**
 * What Kubernetes sets in every pod for each Service of its namespace (kubernetes.io, "Services", environment
 * variables): here for one called `latchkey`, or `latchkey-…`.
 */
const HOST = /^LATCHKEY_(?:[A-Z0-9_]+_)?SERVICE_HOST$/;
const PORT = /^LATCHKEY_(?:[A-Z0-9_]+_)?SERVICE_PORT(?:_[A-Z0-9_]+)?$/;
const LINK = /^LATCHKEY_(?:[A-Z0-9_]+_)?PORT(?:_\d+_(?:TCP|UDP|SCTP))?$/;
const LINK_PART = /^LATCHKEY_(?:[A-Z0-9_]+_)?PORT_\d+_(?:TCP|UDP|SCTP)_(PROTO|PORT|ADDR)$/;

const isPort = (value: string) => /^\d{1,5}$/.test(value);
const isUrl = (value: string) => /^(?:tcp|udp|sctp):\/\/\[?[\da-f:.]+\]?:\d{1,5}$/.test(value);

/** Whether a variable is such a link. Its value tells too: a person who writes LATCHKEY_PORT=4000 means PORT. */
export function isServiceLink(name: string, value: string): boolean {
  switch (LINK_PART.exec(name)?.[1]) {
    case "PROTO":
      return /^(?:tcp|udp|sctp)$/.test(value);
    case "PORT":
      return isPort(value);
    case "ADDR":
      return isIP(value) > 0;
    default:
      return isWholeLink(name, value);
  }
}

function isWholeLink(name: string, value: string): boolean {
  if (HOST.test(name)) return isIP(value) > 0;
  if (PORT.test(name)) return isPort(value);
  return LINK.test(name) && isUrl(value);
}

/** Of a name that may be very long, what is compared. */
const MAX_COMPARED = 64;

/**
 * One fault for each variable that looks like ours and is not: a misspelt
 * name would otherwise leave a default in force without a word. Its case does
 * not matter, nor whether it is empty. What Kubernetes sets for a Service called `latchkey` is nobody's misspelling.
 */
export function findUnknownNames(env: Environment): ConfigFault[] {
  const known = knownNames();
  return Object.entries(env)
    .filter(
      ([name, value]) =>
        value !== undefined &&
        name.toUpperCase().startsWith(PREFIX) &&
        !known.includes(name) &&
        !isServiceLink(name, value),
    )
    .map(([name]) => ({
      name: printableName(name),
      message: `must not be set: unknown${hint(name, known)}`,
    }));
}

function hint(name: string, known: string[]): string {
  const nearest = findNearest(name.slice(0, MAX_COMPARED).toUpperCase(), known);
  return nearest === undefined ? "" : `; did you mean ${nearest}?`;
}

/** The known name with the fewest edits, with or without the prefix, if a third of its letters or fewer differ. */
function findNearest(name: string, known: string[]): string | undefined {
  const bare = name.slice(PREFIX.length);
  const ranked = known
    .map((candidate) => ({
      candidate,
      edits: Math.min(editDistance(name, candidate), editDistance(bare, candidate)),
    }))
    .filter(({ candidate, edits }) => edits <= candidate.length / 3)
    .sort((a, b) => a.edits - b.edits);
  return ranked[0]?.candidate;
}
