import { fileVariable, listSettings, type Setting, type SettingName } from "./settings.js";

const START = "<!-- settings -->";
const END = "<!-- /settings -->";

/** All settings as a Markdown table, from what validates them. */
export function settingsTable(): string {
  const rows = listSettings().map(([name, setting]) => describe(name, setting));
  return ["| Variable | Default | What it does |", "| --- | --- | --- |", ...rows].join("\n");
}

/**
 * A document with the table put between its `<!-- settings -->` markers.
 *
 * @throws Error when the document does not have both markers, in order, once.
 */
export function withSettingsTable(document: string): string {
  const [before, rest, ...more] = document.split(START);
  const [, after, ...others] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined || more.length + others.length > 0) {
    throw new Error(`the document must have ${START} and ${END} once each, in this order`);
  }
  return `${before}${START}\n${settingsTable()}\n${END}${after}`;
}

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
