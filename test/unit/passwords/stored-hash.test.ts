import { formatStoredHash, isBcryptCost, parseStoredHash } from "../../../src/passwords/stored-hash.js";

const BCRYPT_TAIL = "a".repeat(53);
const argon2 = (parameters: string): string =>
  `$argon2id$v=19$${parameters}$c2FsdHNhbHRzYWx0c2FsdA$${"aGFzaA".repeat(7)}`;

describe("parseStoredHash", () => {
  it("reads its own strings with their pepper", () => {
    expect(parseStoredHash(formatStoredHash("k-1", `$2b$10$${BCRYPT_TAIL}`))).toEqual({
      pepperId: "k-1",
      phc: `$2b$10$${BCRYPT_TAIL}`,
      parameters: { scheme: "bcrypt", cost: 10 },
    });
    expect(parseStoredHash(formatStoredHash("k-1", argon2("m=19456,t=2,p=1")))).toMatchObject({
      pepperId: "k-1",
      parameters: { scheme: "argon2id", memoryKib: 19_456, passes: 2, lanes: 1 },
    });
  });

  it.each(["a", "b", "y"])("reads a bare $2%s$ bcrypt string", (minor) => {
    expect(parseStoredHash(`$2${minor}$12$${BCRYPT_TAIL}`)).toMatchObject({
      pepperId: null,
      parameters: { scheme: "bcrypt", cost: 12 },
    });
  });

  it("reads a bare argon2id string", () => {
    expect(parseStoredHash(argon2("m=65536,t=3,p=4"))).toMatchObject({
      pepperId: null,
      parameters: { scheme: "argon2id", memoryKib: 65_536, passes: 3, lanes: 4 },
    });
  });

  it.each([
    ["bcrypt above cost 15", `$2b$16$${BCRYPT_TAIL}`],
    ["bcrypt of cost 31 behind a pepper", `lk1$k$2b$31$${BCRYPT_TAIL}`],
    ["bcrypt below cost 4", `$2b$03$${BCRYPT_TAIL}`],
    ["argon2id above 256 MiB", argon2("m=262145,t=2,p=1")],
    ["argon2id of 4 TiB", argon2("m=4294967295,t=2,p=1")],
    ["argon2id of many passes", argon2("m=19456,t=11,p=1")],
    ["argon2id of no passes", argon2("m=19456,t=0,p=1")],
    ["argon2id of many lanes", argon2("m=19456,t=2,p=17")],
    ["argon2id of less memory than its lanes need", argon2("m=8,t=2,p=2")],
  ])("refuses %s", (_, stored) => {
    expect(parseStoredHash(stored)).toBeNull();
  });

  it.each([
    ["nothing", ""],
    ["plain text", "password"],
    ["an MD5 digest", "5f4dcc3b5aa765d61d8327deb882cf99"],
    ["argon2i", argon2("m=19456,t=2,p=1").replace("argon2id", "argon2i")],
    ["a later format", `lk2$k$2b$10$${BCRYPT_TAIL}`],
    ["an empty pepper id", `lk1$$2b$10$${BCRYPT_TAIL}`],
    ["a truncated bcrypt string", "$2b$10$abc"],
    ["a string with a tail", `$2b$10$${BCRYPT_TAIL}\n`],
    ["an endless one", `$2b$10$${"a".repeat(100_000)}`],
  ])("does not know %s", (_, stored) => {
    expect(parseStoredHash(stored)).toBeNull();
  });
});

describe("isBcryptCost", () => {
  it("takes what parseStoredHash would take back, and nothing else", () => {
    expect([3, 4, 10, 15, 16, 10.5, Number.NaN].filter(isBcryptCost)).toEqual([4, 10, 15]);
  });
});
