import { resolve } from "node:path";
import type { z } from "zod";
import type { ConfigFault } from "./config-error.js";
import { readInstalledDefaults, type InstalledDefaults } from "./installed-defaults.js";
import { readSecretFile, reasonOf, withoutLineEnd } from "./read-secret-file.js";
import { plainText } from "./setting-schemas.js";
import {
  fileVariable,
  listSettings,
  type Setting,
  type SettingName,
  type SettingValues,
} from "./settings.js";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Surroundings {
  env: Environment;
  /** Where relative paths start. */
  cwd: string;
  readFile: (path: string) => string;
  /** In place of the program's own. */
  defaults: InstalledDefaults;
}

/** What was found: a value for each setting without a fault, and its text where one was given. */
export interface Reading {
  values: Partial<SettingValues>;
  texts: Partial<Record<SettingName, string>>;
  /** The files that `NAME_FILE` variables name, as they are named there. */
  files: Partial<Record<SettingName, string>>;
  faults: ConfigFault[];
}

/** A text, and the variable it came from (`NAME` or `NAME_FILE`). */
interface Found {
  name: string;
  text?: string;
  fault?: string;
  file?: string;
}

/** Reads each setting for itself. Never throws: what is wrong is in `faults`. */
export function readSettings(surroundings: Surroundings): Reading {
  const values: Record<string, unknown> = {};
  const texts: Reading["texts"] = {};
  const files: Reading["files"] = {};
  const faults: ConfigFault[] = [];
  for (const [name, setting] of listSettings()) {
    const found = findText(name, setting, surroundings);
    if (found.text !== undefined) texts[name] = found.text;
    if (found.file !== undefined) files[name] = found.file;
    const text = found.text ?? surroundings.defaults[name];
    const messages = found.fault === undefined ? read(setting, text, name, values) : [found.fault];
    faults.push(...messages.map((message) => ({ name: found.name, message })));
  }
  return { values, texts, files, faults };
}

/** Puts the value into `values`, or says what is wrong. */
function read(
  setting: Setting,
  given: string | undefined,
  name: SettingName,
  values: Record<string, unknown>,
): string[] {
  const text = given ?? setting.default;
  if (text === null) return [];
  const result = plainText.pipe(setting.schema).safeParse(text);
  if (result.success) values[name] = result.data;
  return result.success ? [] : result.error.issues.map(messageOf);
}

/** Only our own texts reach an issue's message: every schema here sets them, and none contains the value. */
function messageOf({ path, message }: z.core.$ZodIssue): string {
  const [position] = path;
  return typeof position === "number" ? `entry ${position + 1} ${message}` : message;
}

function findText(name: SettingName, setting: Setting, { env, cwd, readFile }: Surroundings): Found {
  const text = given(env, name);
  const fileName = fileVariable(name);
  const path = setting.secret ? given(env, fileName) : undefined;
  if (path === undefined) return { name, text };
  if (text !== undefined) return { name, fault: `must not be set together with ${fileName}` };
  return { name: fileName, file: path, ...readSecretText(path, cwd, readFile) };
}

/** Compose files and shells cannot unset a variable: an empty one counts as unset. */
function given(env: Environment, name: string): string | undefined {
  return env[name] === "" ? undefined : env[name];
}

function readSecretText(path: string, cwd: string, readFile: (path: string) => string): Omit<Found, "name"> {
  try {
    const text = withoutLineEnd(readFile(resolve(cwd, path)));
    return text === "" ? { fault: "must name a file that is not empty" } : { text };
  } catch (error) {
    return { fault: `must name a readable file of at most 64 KiB of UTF-8${reasonOf(error)}` };
  }
}

/** One variable that makes a difference. */
export interface Change {
  /** As it is set: `NAME`, or `NAME_FILE`. */
  name: string;
  /** Fit to be printed; of a secret only where it comes from. */
  value: string;
}

const HIDDEN = "(hidden)";

/** The variables whose values differ from the defaults, in the order of the documentation; no secret is among what is said. */
export function listChanges(
  env: Environment = process.env,
  cwd: string = process.cwd(),
  defaults: InstalledDefaults = readInstalledDefaults(),
): Change[] {
  const { texts, files } = readSettings({ env, cwd, readFile: readSecretFile, defaults });
  return listSettings().flatMap(([name, { default: fallback, secret }]) => {
    const [text, file] = [texts[name], files[name]];
    if (text === undefined || text === (defaults[name] ?? fallback)) return [];
    if (file !== undefined) return [{ name: fileVariable(name), value: `${printablePath(file)} ${HIDDEN}` }];
    return [{ name, value: secret ? HIDDEN : text }];
  });
}

/** Paths may hold anything. */
const printablePath = (path: string): string => path.replace(/\p{C}/gu, "?");
