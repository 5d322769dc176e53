import { isPreflight } from "../../../../src/http/forward-auth/original-method.js";

const HEADERS = { origin: "https://app.example", "access-control-request-method": "POST" };

describe("isPreflight", () => {
  it.each([
    ["nginx", { "x-original-method": "OPTIONS" }],
    ["Traefik", { "x-forwarded-method": "OPTIONS" }],
  ])("is true for what %s tells of one", (_who, told) => {
    expect(isPreflight({ ...HEADERS, ...told })).toBe(true);
  });

  it("is false for a list where one value belongs", () => {
    const told = { ...HEADERS, "x-original-method": "OPTIONS" };
    for (const name of Object.keys(told)) {
      const value = told[name as keyof typeof told];
      expect(isPreflight({ ...told, [name]: `${value}, ${value}` })).toBe(false);
    }
  });

  it("is false for a text of any length, in no time", () => {
    const long = "a".repeat(100_000);
    expect(isPreflight({ ...HEADERS, "x-original-method": long, origin: `${long},` })).toBe(false);
  });
});
