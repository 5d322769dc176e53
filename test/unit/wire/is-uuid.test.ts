import { randomUUID } from "node:crypto";
import { isUuid } from "../../../packages/wire/src/is-uuid.js";

const UUID = "0198c0de-0000-7000-8000-00000000000f";

describe("isUuid", () => {
  it("accepts every UUID in lower case", () => {
    for (let count = 0; count < 1_000; count++) expect(isUuid(randomUUID())).toBe(true);
    expect([UUID, "00000000-0000-0000-0000-000000000000"].map(isUuid)).toEqual([true, true]);
  });

  it("refuses any other character at any place, and any other length", () => {
    for (let at = 0; at < UUID.length; at++) {
      for (const other of ["g", "F", "`", "/", ":", " ", "\0", "é", "ı", "\u0130", "\u1e30"]) {
        const text = UUID.slice(0, at) + other + UUID.slice(at + 1);
        expect([text, isUuid(text)]).toEqual([text, false]);
      }
      const swapped = UUID.slice(0, at) + (UUID[at] === "-" ? "0" : "-") + UUID.slice(at + 1);
      expect([swapped, isUuid(swapped)]).toEqual([swapped, false]);
    }
    const others = ["", UUID.slice(1), `${UUID}0`, `${UUID}\n`, ` ${UUID}`, UUID.toUpperCase(), `{${UUID}}`];
    expect(others.map(isUuid)).toEqual(others.map(() => false));
  });
});
