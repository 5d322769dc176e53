import { deriveSecrets } from "../../../src/keys/secrets.js";
import { channelName } from "../../../src/notifications/revocation-notifier.js";

const SECRET = "a-secret-of-the-test-suite-that-is-long-enough";
const keyOf = (secret: string) => deriveSecrets([secret]).current.channelKey;

describe("the channel of an installation", () => {
  it("is the same for all its nodes, whatever earlier secrets they still have", () => {
    const other = deriveSecrets([SECRET, `${SECRET}-of-before`]).current.channelKey;
    expect(channelName(other, "https://a.com")).toBe(channelName(keyOf(SECRET), "https://a.com"));
  });

  it("is another one's neither by its issuer nor by its secret alone", () => {
    const names = [SECRET, `${SECRET}-2`].flatMap((secret) =>
      ["https://a.com", "https://b.com"].map((issuer) => channelName(keyOf(secret), issuer)),
    );
    expect(new Set(names).size).toBe(4);
  });

  it("begins as the documented pattern, and tells nothing else", () => {
    expect(channelName(keyOf(SECRET), "https://a.com")).toMatch(/^latchkey:revocations:[\w-]{43}$/);
  });
});
