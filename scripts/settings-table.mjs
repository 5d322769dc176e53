/**
 * Writes the tables of settings into README.md and docs/configuration.md, from the settings of the build.
 *
 *   npm run docs:config
 */
import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fileVariable, listSettings } from "../dist/config/settings.js";

const FILES = ["README.md", "docs/configuration.md"];

/** Where a table begins: of all settings, or of those that are named, such as `<!-- settings: PORT HOST -->`. */
const START = /<!-- settings(?:: ([A-Z_ ]+))? -->/g;
const END = "<!-- /settings -->";

/**
 * A Markdown table of settings, from what validates them.
 *
 * @param {readonly string[]} [names] the rows; without them, every setting.
 * @returns {string}
 * @throws Error for a name that is no setting.
 */
export function settingsTable(names) {
  const all = listSettings();
  const unknown = names?.filter((name) => !all.some(([known]) => known === name)) ?? [];
  if (unknown.length > 0) throw new Error(`these are no settings: ${unknown.join(", ")}`);
  const rows = all
    .filter(([name]) => names?.includes(name) ?? true)
    .map(([name, setting]) => rowOf(name, setting));
  return ["| Variable | Default | What it does |", "| --- | --- | --- |", ...rows].join("\n");
}

/**
 * A document with the table put between its markers.
 *
 * @param {string} document
 * @returns {string}
 * @throws Error when the document does not have both markers, in order, once; or when its marker names no setting.
 */
export function withSettingsTable(document) {
  const [start, ...others] = document.matchAll(START);
  const [before, after, ...more] = document.split(END);
  const inOrder = start !== undefined && after !== undefined && start.index <= before.length;
  if (!inOrder || others.length + more.length > 0)
    throw new Error(`the document must have <!-- settings --> and ${END} once each, in this order`);
  const table = settingsTable(start[1]?.split(" "));
  return `${before.slice(0, start.index)}${start[0]}\n${table}\n${END}${after}`;
}

function rowOf(name, setting) {
  const fallback = setting.default === null ? setting.whenUnset : `\`${setting.default}\``;
  const secret = setting.secret
    ? ` **Secret**: \`${fileVariable(name)}\` may name a file with it instead.`
    : "";
  const effect = `${setting.description} Takes ${setting.schema.description}.${secret}`;
  const cells = [`\`${name}\``, fallback ?? "none", effect].map((text) => text.replaceAll("|", "\\|"));
  return `| ${cells.join(" | ")} |`;
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  for (const file of FILES) writeFileSync(file, withSettingsTable(readFileSync(file, "utf8")));
}
