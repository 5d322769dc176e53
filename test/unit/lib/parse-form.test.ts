import { parseForm } from "../../../src/lib/parse-form.js";

const read = (text: string) => {
  const form = parseForm(text);
  return form && Object.fromEntries(form);
};

describe("parseForm", () => {
  it.each([
    ["", {}],
    ["&&", {}],
    ["a=1&b=2", { a: ["1"], b: ["2"] }],
    ["a=1&a=2", { a: ["1", "2"] }],
    ["a", { a: [""] }],
    ["a=", { a: [""] }],
    ["=b", { "": ["b"] }],
    ["a=b=c", { a: ["b=c"] }],
    ["a+b=c+d", { "a b": ["c d"] }],
    ["a%3Db=%26%2b", { "a=b": ["&+"] }],
    ["n=%C3%A4", { n: ["ä"] }],
    ["n=ä", { n: ["ä"] }],
    ["__proto__=1", JSON.parse('{"__proto__":["1"]}')],
  ])("reads %j", (text, form) => {
    expect(read(text)).toEqual(form);
  });

  it.each(["a=%", "a=%z1", "a=%4", "%=a", "a=%ff", "a=%C3", "a=%ED%A0%80", "a=1&b=%"])(
    "refuses %j as a whole",
    (text) => {
      expect(parseForm(text)).toBeNull();
    },
  );
});
