import { listSettings, type SettingName } from "../../../src/config/settings.js";
import { errorOf, faultsOf, load, secretOf } from "./faults-of.js";
import { RULES } from "./setting-values.js";
import type { Rules } from "./network-values.js";

/** Server databases need a secret of their own; it is no part of these rules. */
const envOf = (name: SettingName, text: string) => ({
  ...(name === "DATABASE_URL" ? { LATCHKEY_SECRET: secretOf("a") } : {}),
  [name]: text,
});
const all = (pick: (rules: Rules) => unknown[]) =>
  Object.entries(RULES).flatMap(([name, rules]) =>
    pick(rules).map((item) => ({ name: name as SettingName, item, rules })),
  );

/** No rule of any variable lets a line break, a NUL, a separator or another control character through. */
const HOSTILE = [
  "\n",
  "\r\nPORT: must be gone",
  "\0",
  "\u001b[2J",
  "\u0085",
  "\u2028",
  "\ud800",
  "x".repeat(20_000),
];

describe("a setting", () => {
  it.each(all(({ accepted }) => accepted))("$name takes $item", ({ name, item, rules }) => {
    const [text, value] = item as [string, unknown];
    expect(rules.value(load(envOf(name, text)))).toEqual(value);
  });

  it.each(all(({ refused }) => refused))("$name refuses $item", ({ name, item }) => {
    expect(new Set(faultsOf(envOf(name, item as string)))).toEqual(new Set([name]));
  });

  it.each(all(({ accepted }) => accepted.slice(0, 1)))("$name refuses hostile endings", ({ name, item }) => {
    const [text] = item as [string];
    for (const ending of HOSTILE) {
      expect(faultsOf(envOf(name, text + ending))).toEqual([name]);
      expect(faultsOf(envOf(name, ending + text))).toEqual([name]);
    }
  });

  it.each(listSettings().map(([name]) => name))(
    "%s never repeats a rejected value, nor breaks a line",
    (name) => {
      const url = "c4n4ry:c4n4ry@c4n4ry c4n4ry:c4n4ry/c4n4ry?c4n4ry#c4n4ry";
      for (const text of [
        `c4n4ry c4n4ry,ä${url}`,
        `mysql://${url}`,
        `redis://${url}`,
        `sqlite:${url}`,
        "c4n4ry\nc4n4ry",
        `%${url}`,
      ]) {
        const error = errorOf({ [name]: `${text}ä` });
        expect(JSON.stringify([error.message, error.stack, error.faults, error.cause])).not.toContain(
          "c4n4ry",
        );
        expect(error.message.split("\n")).toHaveLength(error.faults.length);
      }
    },
  );

  it.each(listSettings().map(([name]) => name))("%s counts as unset when it is empty", (name) => {
    expect(load({ [name]: "" })).toEqual(load({}));
    expect(load({ [name]: undefined })).toEqual(load({}));
  });
});
