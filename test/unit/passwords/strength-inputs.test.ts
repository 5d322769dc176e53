import { strengthInputs } from "../../../src/passwords/strength-inputs.js";

describe("strengthInputs", () => {
  it("always names the service", () => {
    expect(strengthInputs([])).toEqual(["latchkey"]);
  });

  it("takes names whole and in pieces, in lower case, without short ones", () => {
    expect(new Set(strengthInputs(["Ann.Miller@Example.org", "bo"]))).toEqual(
      new Set(["latchkey", "ann.miller@example.org", "ann.miller", "example.org", "miller", "example"]),
    );
  });

  it("takes a phone number as it is and as digits", () => {
    expect(strengthInputs(["+441632960961"])).toEqual(
      expect.arrayContaining(["+441632960961", "441632960961"]),
    );
  });
});
