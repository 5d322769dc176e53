import { jest } from "@jest/globals";
import type { HashSettings } from "../../../src/passwords/hash-tasks.js";

// The libraries are run and counted: time is not compared, because it says nothing on a busy machine.
let work = { bcryptRounds: 0, argon2id: [] as string[] };
const bcrypt = await import("bcryptjs");
const argon2 = await import("@node-rs/argon2");
jest.unstable_mockModule("bcryptjs", () => ({
  compareSync: (password: string, stored: string) => {
    work.bcryptRounds += 2 ** bcrypt.getRounds(stored);
    return bcrypt.compareSync(password, stored);
  },
  hashSync: (password: string, cost: number) => {
    work.bcryptRounds += 2 ** cost;
    return bcrypt.hashSync(password, cost);
  },
}));
jest.unstable_mockModule("@node-rs/argon2", () => ({
  hashSync: argon2.hashSync,
  verifySync: (stored: string, password: string) => {
    const { memoryCost, timeCost, parallelism } = argon2.parseOptions(stored);
    work.argon2id.push(`${memoryCost} ${timeCost} ${parallelism}`);
    return argon2.verifySync(stored, password);
  },
}));
const { hashPassword, verifyPassword } = await import("../../../src/passwords/hash-tasks.js");

const PEPPERS = [{ id: "k1", key: Buffer.alloc(32, 1) }];
const BCRYPT: HashSettings = { scheme: "bcrypt", bcryptCost: 7, peppers: PEPPERS };
const ARGON2: HashSettings = { ...BCRYPT, scheme: "argon2id" };

function workOf(settings: HashSettings, password: string, stored: string | null): typeof work {
  const dummy = hashPassword(settings, "nobody's password");
  work = { bcryptRounds: 0, argon2id: [] };
  expect(verifyPassword(settings, password, stored, dummy).ok).toBe(false);
  return { ...work, argon2id: [...work.argon2id] };
}

describe.each([
  ["bcrypt", BCRYPT, { bcryptRounds: 2 ** 7, argon2id: [] }],
  ["argon2id", ARGON2, { bcryptRounds: 0, argon2id: ["19456 2 1"] }],
])("the work of a refusal with %s", (_, settings, expected) => {
  const wrongPassword = (): typeof work => workOf(settings, "wrong", hashPassword(settings, "right"));
  /** Two comparable forms. */
  const SPACED = "wrong\u00a0one";

  it("is one hash of the current cost", () => {
    expect(wrongPassword()).toEqual(expected);
  });

  it.each([
    ["an unknown user", null],
    ["an unknown format", "not a hash"],
    ["an empty stored string", ""],
    ["a truncated hash", "lk1$k1$2b$07$abc"],
    ["hostile bcrypt parameters", `lk1$k1$2b$31$${"a".repeat(53)}`],
    [
      "hostile argon2id parameters",
      "$argon2id$v=19$m=4194304,t=9,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA",
    ],
  ])("is the same for %s as for a wrong password", (__, stored) => {
    expect(workOf(settings, "wrong", stored)).toEqual(wrongPassword());
  });

  it("is two such hashes for a password with another space than U+0020, whatever is stored", () => {
    const twice = {
      bcryptRounds: 2 * expected.bcryptRounds,
      argon2id: [...expected.argon2id, ...expected.argon2id],
    };
    const lost = hashPassword({ ...settings, peppers: [{ id: "old", key: Buffer.alloc(32) }] }, "right");
    for (const stored of [hashPassword(settings, "right"), null, "not a hash", "", lost])
      expect(workOf(settings, SPACED, stored)).toEqual(twice);
  });

  it("is the same for a lost pepper and for an ill-formed password", () => {
    const lost = hashPassword({ ...settings, peppers: [{ id: "old", key: Buffer.alloc(32) }] }, "right");
    expect(workOf(settings, "right", lost)).toEqual(wrongPassword());
    expect(workOf(settings, "\ud800", hashPassword(settings, "right"))).toEqual(wrongPassword());
  });
});

describe("the work of a refusal after the bcrypt cost was raised", () => {
  it("is the same for a hash of the earlier cost as for an unknown user", () => {
    const earlier = hashPassword({ ...BCRYPT, bcryptCost: 4 }, "right");
    expect(workOf(BCRYPT, "wrong", earlier)).toEqual(workOf(BCRYPT, "wrong", null));
    expect(workOf(BCRYPT, "wrong\u3000one", earlier)).toEqual(workOf(BCRYPT, "wrong\u3000one", null));
  });
});
