import { createKeyedDigest } from "../../../src/keys/keyed-digest.js";

const OLD = { id: "0000000a", key: Buffer.alloc(32, 1) };
const NEW = { id: "0000000b", key: Buffer.alloc(32, 2) };

describe("createKeyedDigest", () => {
  it("matches what it hashed, and nothing else", () => {
    const { hash, matches } = createKeyedDigest([NEW]);
    const stored = hash("text");
    expect(matches("text", stored)).toBe(true);
    for (const other of ["", "Text", "text ", "text\0"]) expect(matches(other, stored)).toBe(false);
  });

  it("names the current key, holds nothing of the text, and fits its column", () => {
    const stored = createKeyedDigest([NEW, OLD]).hash("text");
    expect(stored).toMatch(/^0000000b\.[\w-]{43}$/);
    expect(stored).not.toBe(createKeyedDigest([{ ...OLD, id: NEW.id }]).hash("text"));
  });

  it("still matches what an earlier key made, and says that it is outdated", () => {
    const [before, after] = [createKeyedDigest([OLD]), createKeyedDigest([NEW, OLD])];
    const stored = before.hash("text");
    expect([after.matches("text", stored), after.isOutdated(stored)]).toEqual([true, true]);
    expect([before.isOutdated(stored), after.isOutdated(after.hash("text"))]).toEqual([false, false]);
  });

  it.each(["", ".", "0000000b", "0000000b.", "0000000b.x", "0000000a.", "text", "ffffffff.text"])(
    "matches nothing to %j",
    (stored) => {
      expect(createKeyedDigest([NEW, OLD]).matches("text", stored)).toBe(false);
    },
  );

  it("matches nothing that a key made which is configured no longer", () => {
    expect(createKeyedDigest([NEW]).matches("text", createKeyedDigest([OLD]).hash("text"))).toBe(false);
  });

  it("needs a key", () => {
    expect(() => createKeyedDigest([])).toThrow();
  });
});
