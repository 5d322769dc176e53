import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { spawnGateway, temporaryFolder } from "../support/gateway.js";
import { skipUnlessRequired } from "../support/required.js";

const ROOT = join(import.meta.dirname, "../..");

/** A page of the documentation, by its path in the repository. */
export function readPage(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** The fenced blocks between two markers of a page, as one: `<!-- name -->` and `<!-- /name -->`. */
export function blockOf(page: string, name: string): string {
  const [, between = ""] = new RegExp(`<!-- ${name} -->\n([\\s\\S]*?)<!-- /${name} -->`).exec(page) ?? [];
  const blocks = [...between.matchAll(/^```\w+\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text);
  if (blocks.length === 0) throw new Error(`the page has no block ${name}`);
  return blocks.join("\n");
}

/** The blocks one after the other, line by line. */
export function linesOf(...blocks: string[]): string[] {
  return blocks.flatMap((block) => block.trimEnd().split("\n"));
}

export interface Newcomer {
  url: string;
  /** Pastes blocks into one shell as they stand, but for the port; answers what they print, line by line. */
  paste(...blocks: string[]): Promise<string[]>;
  stop(): Promise<void>;
}

/** The shells that people paste into: Linux' usual one, and macOS', which takes no comments from those who paste. */
export const SHELLS = ["bash", "zsh"] as const;
export type Shell = (typeof SHELLS)[number];

const zshIsThere = spawnSync("zsh", ["--version"]).status === 0;
if (!zshIsThere)
  skipUnlessRequired("zsh", "of sessions in zsh", "there is no `zsh` (Debian's package `zsh`)");

/** Those that this machine has. */
export const shellsAtHand = SHELLS.filter((shell) => shell !== "zsh" || zshIsThere);

/** What a shell is started with: an interactive zsh reads its input as if it was pasted. */
const ARGUMENTS = {
  bash: (session: string) => ({ args: ["--norc", "-euc", session], input: "" }),
  zsh: (session: string) => ({
    args: ["-f", "-i", "-e", "-u", "+o", "zle", "+o", "promptsp"],
    input: `${session}\n`,
  }),
};

/** A fresh gateway as a newcomer has it: nothing set but the port. */
export async function startAsNewcomer(shell: Shell = "bash"): Promise<Newcomer> {
  const folder = temporaryFolder();
  const gateway = await spawnGateway({
    cwd: folder.path,
    LATCHKEY_SECRET: undefined,
    ISSUER: undefined,
    NODE_ENV: undefined,
    PASSWORD_HASH: undefined,
    THROTTLE: undefined,
  });
  return {
    url: gateway.url,
    paste: async (...blocks) => {
      const session = blocks.join("\n").replaceAll("http://localhost:4000", gateway.url);
      // Commands of the command line are about the same database, and nothing of the developer's own is set.
      const { PATH, HOME } = process.env;
      const database = `sqlite:${join(folder.path, "data/latchkey.sqlite")}`;
      const env = { PATH, HOME, DATABASE_URL: database, PS1: "", PS2: "" };
      const { args, input } = ARGUMENTS[shell](session);
      const run = promisify(execFile)(shell, args, { cwd: ROOT, env });
      run.child.stdin?.end(input);
      const { stdout, stderr } = await run;
      if (stderr !== "") throw new Error(`the session complains: ${stderr}`);
      return linesOf(stdout);
    },
    stop: async () => {
      await gateway.stop();
      folder.remove();
    },
  };
}
