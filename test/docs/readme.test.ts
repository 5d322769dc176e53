import { blockOf, linesOf, readPage, startAsNewcomer } from "./session.js";

const README = readPage("README.md");

describe("the README's curl session", () => {
  it("prints what the README says, run as it stands", async () => {
    const newcomer = await startAsNewcomer();
    try {
      expect(await newcomer.paste(blockOf(README, "session"))).toEqual(linesOf(blockOf(README, "printed")));
    } finally {
      await newcomer.stop();
    }
  });
});
