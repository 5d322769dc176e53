import { fileVariable, listSettings, type Setting, type SettingName } from "./settings.js";

/** Where a table begins: of all settings, or of those that are named, such as `<!-- settings: PORT HOST -->`. */
const START = /<!-- settings(?:: ([A-Z_ ]+))? -->/g;
const END = "<!-- /settings -->";

/**
 * A Markdown table of settings, from what validates them.
 *
 * @param names the rows; without them, every setting.
 * @throws Error for a name that is no setting.
 */
export function settingsTable(names?: readonly string[]): string {
  const all = listSettings();
  const unknown = names?.filter((name) => !all.some(([known]) => known === name)) ?? [];
  if (unknown.length > 0) throw new Error(`these are no settings: ${unknown.join(", ")}`);
  const rows = all
    .filter(([name]) => names?.includes(name) ?? true)
    .map(([name, setting]) => describe(name, setting));
  return ["| Variable | Default | What it does |", "| --- | --- | --- |", ...rows].join("\n");
}

/**
 * A document with the table put between its markers.
 *
 * @throws Error when the document does not have both markers, in order, once; or when its marker names no setting.
 */
export function withSettingsTable(document: string): string {
  const [start, ...others] = document.matchAll(START);
  const [before, after, ...more] = document.split(END);
  if (start === undefined || before === undefined || after === undefined) throw badMarkers();
  if (others.length + more.length > 0 || start.index > before.length) throw badMarkers();
  const table = settingsTable(start[1]?.split(" "));
  return `${before.slice(0, start.index)}${start[0]}\n${table}\n${END}${after}`;
}

const badMarkers = () =>
  new Error(`the document must have <!-- settings --> and ${END} once each, in this order`);

function describe(name: SettingName, setting: Setting): string {
  const fallback = setting.default === null ? setting.whenUnset : `\`${setting.default}\``;
  const secret = setting.secret
    ? ` **Secret**: \`${fileVariable(name)}\` may name a file with it instead.`
    : "";
  const effect = `${setting.description} Takes ${setting.schema.description}.${secret}`;
  return `| ${[`\`${name}\``, fallback ?? "none", effect].map(cell).join(" | ")} |`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
