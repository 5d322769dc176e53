import type { ConfigFault } from "./config-error.js";
import type { Environment } from "./read-settings.js";
import { fileVariable, listSettings } from "./settings.js";

const PREFIX = "LATCHKEY_";
const MAX_SHOWN = 64;
/** What Kubernetes sets for a Service of that name (kubernetes.io, "Service links"). */
const SERVICE_LINK =
  /^LATCHKEY_(?:[A-Z0-9_]+_)?(?:SERVICE_(?:HOST|PORT(?:_[A-Z0-9_]+)?)|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/**
 * One fault for each variable that looks like ours and is not: a misspelt
 * name would otherwise leave a default in force without a word. Its case does
 * not matter, nor whether it is empty.
 */
export function findUnknownNames(env: Environment): ConfigFault[] {
  const known = listSettings().flatMap(([name, { secret }]) =>
    secret ? [name, fileVariable(name)] : [name],
  );
  return Object.keys(env)
    .filter(
      (name) => env[name] !== undefined && name.toUpperCase().startsWith(PREFIX) && !known.includes(name),
    )
    .map((name) => ({ name: printable(name), message: `must not be set: unknown${hint(name, known)}` }));
}

/** A name can hold anything but "=": it must not break the line it is printed on. */
function printable(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, "?").slice(0, MAX_SHOWN);
}

function hint(name: string, known: string[]): string {
  const nearest = findNearest(name.slice(0, MAX_SHOWN).toUpperCase(), known);
  const meant = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  const linked = SERVICE_LINK.test(name)
    ? "; if Kubernetes sets it, set enableServiceLinks: false in the pod"
    : "";
  return meant + linked;
}

/** The known name with the fewest edits, with or without the prefix, if a third of its letters or fewer differ. */
function findNearest(name: string, known: string[]): string | undefined {
  const bare = name.slice(PREFIX.length);
  const ranked = known
    .map((candidate) => ({
      candidate,
      edits: Math.min(countEdits(name, candidate), countEdits(bare, candidate)),
    }))
    .filter(({ candidate, edits }) => edits <= candidate.length / 3)
    .sort((a, b) => a.edits - b.edits);
  return ranked[0]?.candidate;
}

/** Levenshtein's distance, one row at a time. */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 0; i < from.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j += 1) {
      const replaced = (row[j] ?? 0) + (from[i] === to[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
