import { isContact } from "../../../src/accounts/normalise-identifier.js";

describe("a username by which its owner can be reached", () => {
  it.each([
    "ann@example.org",
    "ann＠example.org",
    "@ann",
    "+49 30 1234567",
    "030/123456",
    "(030) 12-34-56",
    "１２３４５６７",
    "٠٣٠١٢٣٤٥٦",
    "030‑123‑456",
  ])("%s is one", (username) => {
    expect(isContact(username)).toBe(true);
  });

  it.each(["ann", "ann at example.org", "007", "12345", "1234567890123456", "agent-1234567", "+", ""])(
    "%s is none",
    (username) => {
      expect(isContact(username)).toBe(false);
    },
  );
});
