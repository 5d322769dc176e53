import { open, seal } from "../../../src/keys/envelope.js";
import { deriveSecrets } from "../../../src/keys/secrets.js";

const NEW = "the-current-secret-of-enough-length-01";
const OLD = "an-earlier-secret-of-enough-length-000";
const PLAIN = Buffer.from("the private half");
const secrets = deriveSecrets([NEW]);
const failure = (detail: RegExp | string) =>
  expect.objectContaining({
    code: "INTERNAL_SERVER_ERROR",
    detail: typeof detail === "string" ? expect.stringContaining(detail) : expect.stringMatching(detail),
  });

/** Flips one bit of one part (2 iv, 3 ciphertext, 4 tag). */
function alter(sealed: string, part: number): string {
  const parts = sealed.split(".");
  const bytes = Buffer.from(parts[part] ?? "", "base64url");
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  parts[part] = bytes.toString("base64url");
  return parts.join(".");
}

describe("secret box", () => {
  it("opens what it sealed", () => {
    expect(open(seal(PLAIN, secrets, "kid"), secrets, "kid")).toEqual({ plaintext: PLAIN, outdated: false });
  });

  it("names version and secret, shows nothing else, and never seals alike twice", () => {
    const [a, b] = [seal(PLAIN, secrets, "kid"), seal(PLAIN, secrets, "kid")];
    expect(a.startsWith(`v1.${secrets.current.id}.`)).toBe(true);
    expect(a).not.toContain(PLAIN.toString("base64url"));
    expect(a.split(".").slice(2)).not.toEqual(b.split(".").slice(2));
    expect(a.split(".")[2]).not.toBe(b.split(".")[2]);
  });

  it.each([
    ["initialisation vector", 2],
    ["ciphertext", 3],
    ["tag", 4],
  ])("refuses an altered %s", (_name, part) => {
    const altered = alter(seal(PLAIN, secrets, "kid"), part);
    expect(() => open(altered, secrets, "kid")).toThrow(failure("altered or moved"));
  });

  it("refuses a value that was moved to another context", () => {
    expect(() => open(seal(PLAIN, secrets, "kid"), secrets, "other")).toThrow(failure("altered or moved"));
  });

  it("refuses a shortened tag", () => {
    const short = seal(PLAIN, secrets, "kid").slice(0, -6);
    expect(() => open(short, secrets, "kid")).toThrow(failure("known form"));
  });

  it.each(["", "v2.00000000.a.b.c", "plain text"])("refuses what is of no known form: %j", (value) => {
    expect(() => open(value, secrets, "kid")).toThrow(failure("known form"));
  });

  it("says that an earlier secret sealed a value", () => {
    const sealed = seal(PLAIN, deriveSecrets([OLD]), "kid");
    expect(open(sealed, deriveSecrets([NEW, OLD]), "kid")).toEqual({ plaintext: PLAIN, outdated: true });
  });

  it("says which secret is missing", () => {
    const old = deriveSecrets([OLD]);
    expect(() => open(seal(PLAIN, old, "kid"), secrets, "kid")).toThrow(failure(old.current.id));
  });

  it("refuses a value that was relabelled to another secret that is known", () => {
    const both = deriveSecrets([NEW, OLD]);
    const old = deriveSecrets([OLD]).current.id;
    const relabelled = seal(PLAIN, both, "kid").replace(both.current.id, old);
    expect(() => open(relabelled, both, "kid")).toThrow(failure("altered or moved"));
  });
});
