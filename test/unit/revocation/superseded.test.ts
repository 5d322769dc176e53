import type { Revocation } from "../../../src/entities/revocation.js";
import { superseded } from "../../../src/revocation/superseded.js";

const NOW = 1_000_000;

let position = 0;
/** The next entry, of one subject unless it says another. */
const entry = (kind: Revocation["kind"], values: Partial<Revocation> & { at?: number } = {}): Revocation => {
  position += 1;
  const { at, ...rest } = values;
  return {
    id: String(position),
    position,
    kind,
    subject: "of-whom",
    instant: at === undefined ? null : new Date(at),
    version: null,
    creationTime: new Date(NOW),
    expirationTime: new Date(NOW * 2),
    ...rest,
  };
};
const [disabled, enabled, token] = [() => entry("disabled"), () => entry("enabled"), () => entry("token")];
const expiry = (at: number) => entry("expiry", { at });
const version = (ver: number, at: number) => entry("version", { version: ver, at });

/** Which of them go, one letter each: x goes. */
const fate = (entries: readonly Revocation[]): string => {
  const gone = new Set(superseded(entries, NOW));
  return entries.map((one) => (gone.has(one) ? "x" : ".")).join("");
};

describe("what later entries make needless", () => {
  it.each([
    ["a token that was switched again", () => [disabled(), enabled(), disabled()], "xx."],
    ["an expiry that was moved again", () => [expiry(5), expiry(9), expiry(7)], "xx."],
    ["all of a token that ended", () => [disabled(), expiry(5), version(1, 5), token()], "xxx."],
    ["nothing of other kinds", () => [disabled(), expiry(5), version(1, 5)], "..."],
    ["a version below, both being in force", () => [version(1, NOW - 9), version(2, NOW)], "x."],
    ["not one below that is in force before the next", () => [version(1, NOW), version(2, NOW + 1)], ".."],
    ["one whose grace was cut short", () => [version(1, NOW + 9), version(1, NOW + 2)], "x."],
    ["one that would come later", () => [version(1, NOW + 9), version(2, NOW + 9)], "x."],
    ["not one above", () => [version(2, NOW), version(1, NOW)], ".."],
    [
      "all but the two that count, however often it was rotated",
      () => [version(1, NOW - 9), version(1, NOW), version(2, NOW + 3), version(2, NOW), version(3, NOW + 5)],
      "xxx..",
    ],
    ["an earlier user entry", () => [entry("user", { at: 5 }), entry("user", { at: 5 })], "x."],
    ["an earlier role entry", () => [entry("role", { at: 5 }), entry("role", { at: 6 })], "x."],
    ["not one of a later instant", () => [entry("user", { at: 6 }), entry("user", { at: 5 })], ".."],
    ["not a user entry for a role entry", () => [entry("user", { at: 5 }), entry("role", { at: 6 })], ".."],
  ])("%s", (_what, entries, expected) => {
    expect(fate(entries())).toBe(expected);
  });

  it("goes by position, whatever the order in which they are given", () => {
    expect(fate([disabled(), enabled()].reverse())).toBe(".x");
  });

  it("nothing of another token", () => {
    expect(fate([disabled(), entry("enabled", { subject: "of-another" })])).toBe("..");
  });

  it("nothing that lasts longer, as earlier releases wrote it", () => {
    const [long, endless] = [new Date(NOW * 3), null];
    const [first, second] = [entry("expiry", { at: 5, expirationTime: long }), expiry(7)];
    expect(fate([first, second, token(), entry("token", { expirationTime: long })])).toBe("xxx.");
    expect(fate([first, second, token()])).toBe(".x.");
    expect(fate([entry("disabled", { expirationTime: endless }), enabled()])).toBe("..");
    expect(fate([disabled(), entry("enabled", { expirationTime: endless })])).toBe("x.");
  });

  it("nothing as long as what supersedes it waits for its position, and nothing that waits", () => {
    const waiting = (kind: Revocation["kind"]) => entry(kind, { position: null });
    expect(fate([disabled(), waiting("token")])).toBe("..");
    expect(fate([waiting("disabled"), enabled()])).toBe("..");
  });
});
