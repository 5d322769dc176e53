import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { join } from "node:path";
import { registerUser, tokenStatusOf, bearer } from "../support/client.js";
import { temporaryFolder, TEST_SECRET } from "../support/gateway.js";

const CLI = join(import.meta.dirname, "../../dist/cli/latchkey.js");
/** A device that is always full: every write to it fails with ENOSPC. */
const FULL = "/dev/full";

// Only Linux has such a device; there is nothing to check elsewhere.
const onLinux = existsSync(FULL) ? describe : describe.skip;
if (!existsSync(FULL)) process.stderr.write(`tests of a full log volume are skipped: there is no ${FULL}\n`);

onLinux("a gateway whose log volume is full", () => {
  it("starts, serves, and ends when it is told to", async () => {
    const folder = temporaryFolder();
    const full = openSync(FULL, "w");
    const env = {
      PATH: process.env.PATH,
      PORT: "0",
      LATCHKEY_SECRET: TEST_SECRET,
      PASSWORD_HASH: "argon2id",
      DATABASE_URL: `sqlite:${folder.path}/latchkey.sqlite`,
    };
    const child = spawn(process.execPath, [CLI, "serve"], { env, stdio: ["ignore", full, "pipe"] });
    closeSync(full);
    const exited = new Promise((resolve) => child.on("close", resolve));
    const url = await new Promise<string>((resolve, reject) => {
      let text = "";
      child.stderr!.setEncoding("utf8").on("data", (part: string) => {
        text += part;
        const found = /ready at (http:\/\/\S+)/.exec(text)?.[1];
        if (found) resolve(found);
      });
      void exited.then(() => {
        reject(new Error(text));
      });
    });
    const { token } = await registerUser(url);
    for (let i = 0; i < 50; i++) expect(await tokenStatusOf(url, bearer(token))).toBe("ok");
    child.kill("SIGTERM");
    expect(await exited).toBe(0);
    folder.remove();
  });
});
