import {
  completeEntries,
  type EarlierEntries,
  type EntryDraft,
} from "../../../src/revocation/complete-entries.js";
import { entriesFor } from "../../../src/revocation/entries-for.js";
import { rolesValidFrom } from "../../../src/revocation/issued-after.js";

const NOW = 1_000_000;
const DAY = 86_400_000;
const at = (ms: number) => new Date(ms);

const token = {
  key: "token",
  enabled: true,
  expirationTime: at(NOW + DAY) as Date | null,
  version: 3,
  previousVersionUntil: null as Date | null,
};

/** An entry without what it leaves empty, and times as milliseconds. */
const brief = ({ expirationTime, ...entry }: EntryDraft & { creationTime?: Date }) => ({
  ...Object.fromEntries(
    Object.entries(entry)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, value instanceof Date ? value.getTime() : value]),
  ),
  until: expirationTime?.getTime() ?? null,
});

describe("what followers hear", () => {
  it("of tokens that ended: an entry each, for as long as the token would have lasted", () => {
    const endless = { key: "endless", expirationTime: null };
    expect(entriesFor.tokensEnded([token, endless]).map(brief)).toEqual([
      { kind: "token", subject: "token", until: NOW + DAY },
      { kind: "token", subject: "endless", until: null },
    ]);
  });

  it.each([
    ["nothing", {}, []],
    ["the values that it has", { enabled: true, expirationTime: at(NOW + DAY) }, []],
    ["a switch off", { enabled: false }, [{ kind: "disabled", subject: "token", until: NOW + DAY }]],
    [
      "an earlier end",
      { expirationTime: at(NOW + 5) },
      [{ kind: "expiry", subject: "token", instant: NOW + 5, until: NOW + DAY }],
    ],
    [
      "a later end and a switch off",
      { enabled: false, expirationTime: at(NOW + 2 * DAY) },
      [
        { kind: "expiry", subject: "token", instant: NOW + 2 * DAY, until: NOW + 2 * DAY },
        { kind: "disabled", subject: "token", until: NOW + 2 * DAY },
      ],
    ],
  ])("of a token whose owner asks for %s", (_what, changes, expected) => {
    expect(entriesFor.tokenChanged(token, changes).map(brief)).toEqual(expected);
  });

  it("of a token that is enabled again, and of one that gets an end", () => {
    const disabled = { ...token, enabled: false, expirationTime: null };
    const changes = { enabled: true, expirationTime: at(NOW + 5) };
    expect(entriesFor.tokenChanged(disabled, changes).map(brief)).toEqual([
      { kind: "expiry", subject: "token", instant: NOW + 5, until: null },
      { kind: "enabled", subject: "token", until: null },
    ]);
  });

  it.each([
    ["no grace", null, []],
    ["a grace that is over on every clock", NOW - 30_000, []],
    ["a grace that some clock is still in", NOW - 29_999, [[3, NOW - 30_000]]],
    ["a grace", NOW + 1, [[3, NOW - 30_000]]],
  ])("of a rotation while the version before the last has %s", (_what, until, cut) => {
    const before = { ...token, previousVersionUntil: until === null ? null : at(until) };
    const entries = entriesFor.rotation(before, at(NOW + 10), at(NOW));
    expect(entries.map(brief)).toEqual(
      [...cut, [4, NOW + 10]].map(([version, instant]) => ({
        kind: "version",
        subject: "token",
        version,
        instant,
        until: NOW + DAY,
      })),
    );
  });

  it("of a change of role: it lasts as long as a privilege token that states the old one", () => {
    const user = { id: "user", privilegesValidFrom: at(NOW) };
    expect(entriesFor.roleChanged(user, 300).map(brief)).toEqual([
      { kind: "role", subject: "user", instant: NOW, until: NOW + 300 },
    ]);
  });

  it("of an account that is disabled: its own entry first, and one a token", () => {
    const other = { key: "other", expirationTime: at(NOW + 2 * DAY) };
    expect(entriesFor.accountDisabled("user", [token, other], at(NOW)).map(brief)).toEqual([
      { kind: "user", subject: "user", instant: NOW, until: NOW + 2 * DAY },
      { kind: "token", subject: "token", until: NOW + DAY },
      { kind: "token", subject: "other", until: NOW + 2 * DAY },
    ]);
    expect(entriesFor.accountDisabled("user", [], at(NOW))).toEqual([]);
  });
});

describe("an entry after earlier ones", () => {
  const complete = (drafts: EntryDraft[], earlier: Record<string, EarlierEntries> = {}) =>
    completeEntries(drafts, new Map(Object.entries(earlier)), at(NOW)).map(brief);
  const ended = entriesFor.tokensEnded([token]);

  it("is of now where there are none", () => {
    expect(complete(ended)).toMatchObject([{ creationTime: NOW, until: NOW + DAY }]);
  });

  it.each([
    ["an older one", NOW - 1, NOW + 5, { creationTime: NOW, until: NOW + DAY }],
    ["one of the same instant", NOW, NOW + 5, { creationTime: NOW + 1, until: NOW + DAY }],
    ["one of a clock that is ahead", NOW + 70, NOW + 5, { creationTime: NOW + 71, until: NOW + DAY }],
    ["one that is kept longer", NOW - 1, NOW + 2 * DAY, { creationTime: NOW, until: NOW + 2 * DAY }],
    ["one that is kept for ever", NOW - 1, null, { creationTime: NOW, until: null }],
  ])("is later, and is kept as long: after %s", (_what, lastTime, until, expected) => {
    const earlier = { lastTime, expirationTime: until === null ? null : at(until) };
    expect(
      complete(ended, { token: earlier, other: { lastTime: NOW * 2, expirationTime: null } }),
    ).toMatchObject([expected]);
  });

  it("of an account is kept as long as the earlier ones of its tokens", () => {
    const drafts = entriesFor.accountDisabled("user", [token], at(NOW));
    const earlier = { token: { lastTime: 5, expirationTime: at(NOW + 3 * DAY) } };
    expect(complete(drafts, earlier)).toMatchObject([
      { kind: "user", until: NOW + 3 * DAY },
      { kind: "token", until: NOW + 3 * DAY },
    ]);
  });
});

describe("the time from which privilege tokens state the new role", () => {
  it.each([
    ["in whole seconds, two seconds later", null, 5_300, 8_000],
    ["two seconds later on a whole second", 1_000, 5_000, 7_000],
    ["a second after the last one, where that lies ahead", 8_000, 5_300, 9_000],
  ])("is %s", (_what, previous, now, expected) => {
    expect(rolesValidFrom(previous === null ? null : at(previous), at(now)).getTime()).toBe(expected);
  });
});
