import { checkRegistration, type Registration } from "../../../src/accounts/check-registration.js";
import { LatchkeyError, type FieldFault } from "../../../src/errors/latchkey-error.js";

const check = (asked: Partial<Registration>, passwordFault: FieldFault | null = null) =>
  checkRegistration({ username: "ann", password: "not looked at here", ...asked }, passwordFault);

/** `field:CODE` of every fault. */
function faultsOf(asked: Partial<Registration>, passwordFault: FieldFault | null = null): string[] {
  try {
    check(asked, passwordFault);
    return [];
  } catch (error) {
    if (!(error instanceof LatchkeyError)) throw error;
    expect(error.code).toBe("BAD_USER_INPUT");
    return (error.fields ?? []).map(({ path, code }) => `${path.join(".")}:${code}`);
  }
}

/** 254 characters, the most that an address can have (RFC 5321). */
const LONGEST_EMAIL = `${"a".repeat(64)}@${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(57)}.org`;

describe("checkRegistration", () => {
  it("trims every value, and an empty optional one is absent", () => {
    expect(check({ username: " Ann ", email: " Ann@example.org ", phone: " ", locale: "" })).toEqual({
      username: "Ann",
      email: "Ann@example.org",
      phone: null,
      locale: "en",
      identifiers: [
        { kind: "username", value: "ann" },
        { kind: "email", value: "ann@example.org" },
      ],
    });
  });

  it("lists a name that serves as two kinds once, under the first", () => {
    const { identifiers } = check({
      username: "ANN@example.org",
      email: "ann@Example.org",
      phone: "+49 30 123456",
    });
    expect(identifiers).toEqual([
      { kind: "username", value: "ann@example.org" },
      { kind: "phone", value: "+4930123456" },
    ]);
    expect(check({ username: "030-123456", phone: "030 123456" }).identifiers).toEqual([
      { kind: "username", value: "030123456" },
    ]);
  });

  it.each([
    ["one character", "a"],
    ["128 characters of four bytes", "\u{20000}".repeat(128)],
    ["spaces within, dots, signs", "J. R. O'Neil #1"],
    ["another script", "\u5f20\u4f1f"],
    ["an emoji of one code point", "ann\u{1f600}"],
    ["an e-mail address", "ann@example.org"],
  ])("accepts a username of %s", (_what, username) => {
    expect(check({ username }).username).toBe(username);
  });

  it.each([
    ["nothing", "", "REQUIRED"],
    ["blanks of all kinds", " \t\u00a0\u3000\ufeff", "REQUIRED"],
    ["129 characters", "a".repeat(129), "TOO_LONG"],
    ["more letters than fit, once unfolded", "\ufdfa".repeat(15), "TOO_LONG"],
    ["a colon", "ann:b", "INVALID_FORMAT"],
    ["a full-width colon", "ann\uff1ab", "INVALID_FORMAT"],
    ["a control character", "ann\u0007", "INVALID_FORMAT"],
    ["a line break", "ann\nb", "INVALID_FORMAT"],
    ["NUL", "ann\0", "INVALID_FORMAT"],
    ["a zero-width space", "an\u200bn", "INVALID_FORMAT"],
    ["a zero-width joiner", "an\u200dn", "INVALID_FORMAT"],
    ["a zero-width non-joiner", "an\u200cn", "INVALID_FORMAT"],
    ["a replacement character", "an\ufffdn", "INVALID_FORMAT"],
    ["a soft hyphen", "an\u00adn", "INVALID_FORMAT"],
    ["a direction override", "an\u202en", "INVALID_FORMAT"],
    ["a direction isolate", "an\u2066n", "INVALID_FORMAT"],
    ["a line separator", "an\u2028n", "INVALID_FORMAT"],
    ["a variation selector", "ann\ufe0f", "INVALID_FORMAT"],
    ["a grapheme joiner", "an\u034fn", "INVALID_FORMAT"],
    ["a Hangul filler", "an\u3164n", "INVALID_FORMAT"],
    ["a Braille blank", "an\u2800n", "INVALID_FORMAT"],
    ["a tag character", "ann\u{e0061}", "INVALID_FORMAT"],
    ["half a surrogate pair", "ann\ud83d", "INVALID_FORMAT"],
    ["a private-use character", "ann\ue000", "INVALID_FORMAT"],
    ["an unassigned character", "ann\u{2fffe}", "INVALID_FORMAT"],
  ])("refuses a username of %s", (_what, username, code) => {
    expect(faultsOf({ username })).toEqual([`username:${code}`]);
  });

  it.each([
    "a@example.org",
    "a.b+c@sub.example.org",
    "j\u00f6rg@b\u00fccher.example",
    "j@xn--bcher-kva.example",
    LONGEST_EMAIL,
  ])("accepts the e-mail address %s", (email) => {
    expect(check({ email }).email).toBe(email);
  });

  it.each([
    ["no at sign", "ann.example.org", "INVALID_FORMAT"],
    ["no domain", "ann@", "INVALID_FORMAT"],
    ["a host alone", "ann@localhost", "INVALID_FORMAT"],
    ["two addresses", "a@example.org,b@example.org", "INVALID_FORMAT"],
    ["a display name", "Ann <ann@example.org>", "INVALID_FORMAT"],
    ["a header injected", "ann@example.org\r\nBcc: b@example.org", "INVALID_FORMAT"],
    ["a colon", "a:b@example.org", "INVALID_FORMAT"],
    ["quotation marks", '"ann"@example.org', "INVALID_FORMAT"],
    ["an A-label of nothing", "ann@xn--zzzz.example", "INVALID_FORMAT"],
    ["a domain of nothing but a port", "ann@b\u00fccher:25", "INVALID_FORMAT"],
    ["a domain that ASCII makes too long", `a@${"\u00fc".repeat(62)}.example`, "INVALID_FORMAT"],
    ["an invisible character", "an\u200bn@example.org", "INVALID_FORMAT"],
    ["255 characters", `a${LONGEST_EMAIL}`, "TOO_LONG"],
  ])("refuses an e-mail address with %s", (_what, email, code) => {
    expect(faultsOf({ email })).toEqual([`email:${code}`]);
  });

  it.each(["123456", "+123456789012345", "+49 (30) 12-34.56/7", "\uff0b\uff14\uff19 301234"])(
    "accepts the number %s",
    (phone) => {
      expect(check({ phone }).phone).toBe(phone);
    },
  );

  it.each([
    ["five digits", "12345", "TOO_SHORT"],
    ["sixteen digits", "1234567890123456", "TOO_LONG"],
    ["a letter", "123456a", "INVALID_CHARACTER"],
    ["two pluses", "++123456", "INVALID_FORMAT"],
    ["a plus within", "123+456", "INVALID_FORMAT"],
    ["separators only", "(- -)", "TOO_SHORT"],
    ["more separators than fit", `1${"-".repeat(27)}23456`, "TOO_LONG"],
  ])("refuses a number of %s", (_what, phone, code) => {
    expect(faultsOf({ phone })).toEqual([`phone:${code}`]);
  });

  it.each([
    ["EN", "en"],
    ["pt-br", "pt-BR"],
    ["zh-hant-TW", "zh-Hant-TW"],
  ])("writes the locale %s as %s", (asked, canonical) => {
    expect(check({ locale: asked }).locale).toBe(canonical);
  });

  it.each(["e", "en_US", "english language", "en-US-u-ca-gregory-nu-latn-co-phonebk", "../../etc", "\0"])(
    "refuses the locale %j",
    (locale) => {
      expect(faultsOf({ locale })).toEqual(["locale:INVALID_FORMAT"]);
    },
  );

  it("names every fault at once, that of the password too", () => {
    const passwordFault: FieldFault = { path: ["password"], code: "TOO_SHORT", message: "" };
    const asked = { username: ":", email: "@", phone: "1", locale: "_" };
    expect(faultsOf(asked, passwordFault)).toEqual([
      "username:INVALID_FORMAT",
      "email:INVALID_FORMAT",
      "phone:TOO_SHORT",
      "password:TOO_SHORT",
      "locale:INVALID_FORMAT",
    ]);
  });
});
