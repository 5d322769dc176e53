import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { spawnGateway, temporaryFolder } from "../support/gateway.js";

const ROOT = join(import.meta.dirname, "../..");

/** A page of the documentation, by its path in the repository. */
export function readPage(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** The fenced block between two markers of a page: `<!-- name -->` and `<!-- /name -->`. */
export function blockOf(page: string, name: string): string {
  const found = new RegExp(`<!-- ${name} -->\n\`\`\`\\w+\n([\\s\\S]*?)\`\`\`\n<!-- /${name} -->`).exec(page);
  if (!found?.[1]) throw new Error(`the page has no block ${name}`);
  return found[1];
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

/** A fresh gateway as a newcomer has it: nothing set but the port. */
export async function startAsNewcomer(): Promise<Newcomer> {
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
      const env = { PATH, HOME, DATABASE_URL: `sqlite:${join(folder.path, "data/latchkey.sqlite")}` };
      const { stdout, stderr } = await promisify(execFile)("bash", ["--norc", "-euc", session], {
        cwd: ROOT,
        env,
      });
      if (stderr !== "") throw new Error(`the session complains: ${stderr}`);
      return linesOf(stdout);
    },
    stop: async () => {
      await gateway.stop();
      folder.remove();
    },
  };
}
