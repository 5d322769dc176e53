import { validateHeaderValue } from "node:http";
import { headerSafe } from "../../../../src/http/forward-auth/identity-headers.js";

describe("headerSafe", () => {
  it.each([
    ["ann", "ann"],
    ["ann@example.org", "ann@example.org"],
    ["O'Neill-(x)_~!*", "O'Neill-(x)_~!*"],
    ["Ann Lee", "Ann%20Lee"],
    ["100%", "100%25"],
    ["%41", "%2541"],
    ["Änn", "%C3%84nn"],
    ["A\u030a", "A%CC%8A"],
    ["名前", "%E5%90%8D%E5%89%8D"],
    ["🔑", "%F0%9F%94%91"],
    ["a\r\nX-User-Role: root", "a%0D%0AX-User-Role:%20root"],
    ["\0", "%00"],
    ["\u007f", "%7F"],
    ["", ""],
  ])("writes %j as %j", (text, value) => {
    expect(headerSafe(text)).toBe(value);
    expect(decodeURIComponent(value)).toBe(text);
    expect(() => validateHeaderValue("x-user-name", value)).not.toThrow();
  });
});
