import { readFileSync } from "node:fs";
import { ConfigError } from "./config-error.js";
import { errorCodeOf, reasonOf } from "./read-secret-file.js";
import { listSettings, type SettingName } from "./settings.js";

/** Defaults of an installation, such as a container image, in place of those of the program. */
export type InstalledDefaults = Readonly<Partial<Record<SettingName, string>>>;

const FILE = new URL("../../defaults.json", import.meta.url);

/**
 * The settings in `defaults.json` beside the program's package.json; none where there is no such file. An image keeps
 * its defaults there and not in its environment, because a variable that is set to nothing would undo them.
 *
 * @throws ConfigError when the file is there and is not an object of known settings and texts.
 */
export function readInstalledDefaults(file: URL = FILE): InstalledDefaults {
  const text = readDefaultsIfThere(file);
  if (text === undefined) return {};
  const found = parse(text);
  const known: readonly string[] = listSettings().map(([name]) => name);
  if (
    found === undefined ||
    !Object.entries(found).every(([name, value]) => isTextValue(value) && known.includes(name))
  ) {
    throw defaultsFault("must be an object of settings and their texts");
  }
  return found;
}

const isTextValue = (value: unknown): boolean => typeof value === "string" && value !== "";

function readDefaultsIfThere(file: URL): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (errorCodeOf(error) === "ENOENT") return undefined;
    throw defaultsFault(`cannot be read${reasonOf(error)}`);
  }
}

function parse(text: string): InstalledDefaults | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const defaultsFault = (message: string): ConfigError => new ConfigError([{ name: "defaults.json", message }]);
