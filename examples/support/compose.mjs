import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { runLatchkey } from "./servers.mjs";

const COMPOSE = fileURLToPath(new URL("../compose.mjs", import.meta.url));

/** Composes as a user does, and resolves with the path of the supergraph in `folder`. */
export async function compose(folder, { latchkey, posts, postsUrl }) {
  const [accounts, supergraph] = [join(folder, "accounts.graphql"), join(folder, "supergraph.graphql")];
  writeFileSync(accounts, await runLatchkey(["schema", "print", "--federation"], latchkey.settings));
  const env = { PATH: process.env.PATH, ACCOUNTS_URL: latchkey.graphql, POSTS_URL: postsUrl };
  const options = { env, maxBuffer: 2 ** 24 };
  const { stdout } = await promisify(execFile)(process.execPath, [COMPOSE, accounts, posts], options);
  writeFileSync(supergraph, stdout);
  return supergraph;
}
