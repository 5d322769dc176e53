import { blockOf, linesOf, readPage, shellsAtHand, startAsNewcomer } from "./session.js";

const README = readPage("README.md");

describe.each(shellsAtHand)("the README's curl session in %s", (shell) => {
  it("prints what the README says, pasted as it stands", async () => {
    const newcomer = await startAsNewcomer(shell);
    try {
      expect(await newcomer.paste(blockOf(README, "session"))).toEqual(linesOf(blockOf(README, "printed")));
    } finally {
      await newcomer.stop();
    }
  });
});
