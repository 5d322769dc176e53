import { sessionCookieFormat } from "../../../src/credentials/session-cookie.js";

describe("the session cookie's text", () => {
  it("names its end as HTTP does", () => {
    const text = sessionCookieFormat(false, "lax").write({
      token: "a.b.c",
      expires: new Date("2040-01-02T03:04:05.678Z"),
    });
    expect(text).toContain("Expires=Mon, 02 Jan 2040 03:04:05 GMT");
  });

  it("a token without an end makes a cookie that lasts as long as the browser", () => {
    const text = sessionCookieFormat(true, "lax").write({ token: "a.b.c", expires: null });
    expect(text).toBe("__Host-latchkey_session=a.b.c; Path=/; HttpOnly; Secure; SameSite=Lax");
  });

  it.each([
    ["strict", "SameSite=Strict"],
    ["none", "SameSite=None"],
  ] as const)("%s is written as browsers read it, also where the cookie is cleared", (sameSite, text) => {
    const format = sessionCookieFormat(true, sameSite);
    for (const change of [{ token: "a.b.c", expires: null }, "clear"] as const)
      expect(format.write(change).split("; ")).toEqual(expect.arrayContaining(["Secure", "HttpOnly", text]));
  });
});
