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
