import { readSecretFile } from "./read-secret-file.js";
import { readSettings, type Environment } from "./read-settings.js";
import { fileVariable, listSettings } from "./settings.js";

/** One variable that makes a difference. */
export interface Change {
  /** As it is set: `NAME`, or `NAME_FILE`. */
  name: string;
  /** Fit to be printed; of a secret only where it comes from. */
  value: string;
}

const HIDDEN = "(hidden)";

/** The variables whose values differ from the defaults, in the order of the documentation; no secret is among what is said. */
export function listChanges(env: Environment = process.env, cwd: string = process.cwd()): Change[] {
  const { texts, files } = readSettings({ env, cwd, readFile: readSecretFile, defaults: {} });
  return listSettings().flatMap(([name, { default: fallback, secret }]) => {
    const [text, file] = [texts[name], files[name]];
    if (text === undefined || text === fallback) return [];
    if (file !== undefined) return [{ name: fileVariable(name), value: `${printable(file)} ${HIDDEN}` }];
    return [{ name, value: secret ? HIDDEN : text }];
  });
}

/** Paths may hold anything. */
const printable = (path: string): string => path.replace(/\p{C}/gu, "?");
