import { readFileSync } from "node:fs";
import { join } from "node:path";
import { listSettings } from "../../../src/config/settings.js";

const script = "../../../scripts/settings-table.mjs";
const { settingsTable, withSettingsTable } = (await import(script)) as {
  settingsTable(names?: readonly string[]): string;
  withSettingsTable(document: string): string;
};

describe.each(["README.md", "docs/configuration.md"])("%s", (file) => {
  const document = readFileSync(join(import.meta.dirname, "../../..", file), "utf8");

  it("holds exactly the table that the settings print", () => {
    expect(document).toBe(withSettingsTable(document));
  });
});

describe("the settings table", () => {
  const rows = settingsTable().split("\n").slice(2);

  it("has one row of three cells for each setting", () => {
    expect(rows.map((row) => row.split(" | ")[0])).toEqual(listSettings().map(([name]) => `| \`${name}\``));
    expect(rows.map((row) => row.split(" | ").length)).toEqual(rows.map(() => 3));
  });

  it("says what each variable accepts", () => {
    expect(rows.filter((row) => !/ Takes \S/.test(row) || row.includes("undefined"))).toEqual([]);
  });

  it("offers a file for secrets and for nothing else", () => {
    const offered = rows.filter((row) => row.includes("_FILE`")).map((row) => row.split("`")[1]);
    expect(offered).toEqual(["DATABASE_URL", "REDIS_URL", "LATCHKEY_SECRET"]);
  });
});

describe("writing the table into a document", () => {
  it("replaces what stands between the markers and nothing else", () => {
    const before = "# Title\n<!-- settings -->\nold\n<!-- /settings -->\nend\n";
    expect(withSettingsTable(before)).toBe(
      `# Title\n<!-- settings -->\n${settingsTable()}\n<!-- /settings -->\nend\n`,
    );
  });

  it("writes only the rows that the marker names", () => {
    const before = "<!-- settings: PORT HOST -->\n<!-- /settings -->";
    expect(withSettingsTable(before)).toBe(
      `<!-- settings: PORT HOST -->\n${settingsTable(["PORT", "HOST"])}\n<!-- /settings -->`,
    );
    expect(settingsTable(["PORT", "HOST"]).split("\n")).toHaveLength(4);
  });

  it("refuses a name that is no setting", () => {
    expect(() => withSettingsTable("<!-- settings: PORTS -->\n<!-- /settings -->")).toThrow("PORTS");
  });

  it.each([
    "none",
    "<!-- settings -->",
    "<!-- /settings --><!-- settings -->",
    "<!-- settings --><!-- settings --><!-- /settings -->",
    "<!-- settings --><!-- /settings --><!-- /settings -->",
  ])("refuses a document without both markers in order: %s", (document) =>
    expect(() => withSettingsTable(document)).toThrow(),
  );
});
