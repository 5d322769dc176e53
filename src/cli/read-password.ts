import { text } from "node:stream/consumers";
import { LatchkeyError } from "../errors/latchkey-error.js";

/**
 * A new password: asked for twice at a terminal, without echo, else all of
 * standard input up to its line end. Never an argument: those are visible to
 * every process and kept in shell histories.
 *
 * @throws BAD_USER_INPUT when the two differ.
 */
export async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).replace(/\r?\n$/, "");
  const { default: askPassword } = await import("@inquirer/password");
  // The questions go to standard error: the output is the command's.
  const output = { output: process.stderr };
  const password = await askPassword({ message: "Password" }, output);
  if ((await askPassword({ message: "Again" }, output)) !== password) {
    throw new LatchkeyError("BAD_USER_INPUT", { message: "The two passwords differ." });
  }
  return password;
}
