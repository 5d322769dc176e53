import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { startGateway, temporaryFolder } from "../support/gateway.js";

const README = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");

/** The fenced block between two markers of the README. */
function block(name: string): string {
  const found = new RegExp(`<!-- ${name} -->\n\`\`\`\\w+\n([\\s\\S]*?)\`\`\`\n<!-- /${name} -->`).exec(
    README,
  );
  if (!found?.[1]) throw new Error(`the README has no block ${name}`);
  return found[1];
}

describe("the README's curl session", () => {
  it("prints what the README says, run as it stands", async () => {
    const folder = temporaryFolder();
    // As a newcomer has it: nothing set but the port, and bcrypt.
    const gateway = await startGateway({
      cwd: folder.path,
      LATCHKEY_SECRET: undefined,
      ISSUER: undefined,
      NODE_ENV: undefined,
      PASSWORD_HASH: undefined,
    });
    const session = block("session").replaceAll("http://localhost:4000", gateway.url);
    const { stdout } = await promisify(execFile)("bash", ["-euc", session]);
    await gateway.stop();
    folder.remove();
    expect(stdout.trim().split("\n")).toEqual(block("printed").trim().split("\n"));
  });
});
