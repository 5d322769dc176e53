import type { ConfigFault } from "./config-error.js";
import { editDistance } from "./edit-distance.js";
import { isServiceLink } from "./is-service-link.js";
import { knownNames, PREFIX, printableName } from "./known-names.js";
import type { Environment } from "./read-settings.js";

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
