import { LatchkeyError } from "../errors/latchkey-error.js";
import { readPipedPassword } from "./read-piped-password.js";

/**
 * A new password: asked for twice at a terminal, without echo, else the one
 * line of standard input. Never an argument: those are visible to
 * every process and kept in shell histories.
 *
 * @throws BAD_USER_INPUT when the two differ, and what readPipedPassword throws.
 */
export async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) return readPipedPassword(process.stdin);
  const { default: askPassword } = await import("@inquirer/password");
  // The questions go to standard error: the output is the command's.
  const output = { output: process.stderr };
  const password = await askPassword({ message: "Password" }, output);
  if ((await askPassword({ message: "Again" }, output)) !== password) {
    throw new LatchkeyError("BAD_USER_INPUT", { message: "The two passwords differ." });
  }
  return password;
}
