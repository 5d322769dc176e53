import { readFeedEntry } from "../../../packages/wire/src/feed-entry.js";
import { invalid } from "../tokens/jwt/sign-claims.js";

const id = "7b1f6b58-5f0c-4b8e-9d55-0c6c3a5d1a02";
const exp = 1_900_000_000;

describe("readFeedEntry", () => {
  it.each([
    { kind: "token", sid: id, exp },
    { kind: "disabled", sid: id, exp: null },
    { kind: "enabled", sid: id, exp },
    { kind: "expiry", sid: id, at: 1_900_000_000_123, exp },
    { kind: "version", sid: id, ver: 2 ** 31 - 1, from: 0, exp },
    { kind: "user", sub: id, before: 1_900_000_000_123, exp },
    { kind: "role", sub: id, before: 1_900_000_000_123, exp: 253_402_300_799 },
  ])("reads $kind", (entry) => {
    expect(readFeedEntry(entry)).toEqual(entry);
  });

  it.each<[string, unknown]>([
    ["an unknown kind", { kind: "everything", sid: id, exp }],
    ["an inherited name as its kind", { kind: "constructor", sid: id, exp }],
    ["no kind", { sid: id, exp }],
    ["no id", { kind: "token", exp }],
    ["an id in upper case", { kind: "token", sid: id.toUpperCase(), exp }],
    ["the other id", { kind: "token", sub: id, exp }],
    ["no exp", { kind: "token", sid: id }],
    ["an exp that is text", { kind: "token", sid: id, exp: "1" }],
    ["an exp below zero", { kind: "token", sid: id, exp: -1 }],
    ["an exp beyond all dates", { kind: "token", sid: id, exp: 1e300 }],
    ["no instant of expiry", { kind: "expiry", sid: id, exp }],
    ["half an instant", { kind: "expiry", sid: id, at: 1.5, exp }],
    ["an instant beyond all dates", { kind: "expiry", sid: id, at: 2 ** 53, exp }],
    ["no version", { kind: "version", sid: id, from: 1, exp }],
    ["a version beyond all", { kind: "version", sid: id, ver: 2 ** 31, from: 1, exp }],
    ["no end of the grace", { kind: "version", sid: id, ver: 1, exp }],
    ["a user by sid", { kind: "user", sid: id, before: 1, exp }],
    ["no instant of a user", { kind: "user", sub: id, exp }],
    ["no instant of a role", { kind: "role", sub: id, exp }],
  ])("refuses an entry with %s", (_name, entry) => {
    expect(() => readFeedEntry(entry)).toThrow(invalid());
  });

  it.each(["token", 1, null, undefined, true, []])("refuses %j", (entry) => {
    expect(() => readFeedEntry(entry)).toThrow(invalid());
  });
});
