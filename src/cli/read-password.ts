import { LatchkeyError } from "../errors/latchkey-error.js";
import { InterruptedError } from "./interrupted-error.js";
import { readPipedPassword } from "./read-piped-password.js";

/**
 * A new password: asked for twice at a terminal, without echo, else the one
 * line of standard input. Never an argument: those are visible to
 * every process and kept in shell histories.
 *
 * @throws BAD_USER_INPUT when the two differ, and what readPipedPassword throws; InterruptedError when the person breaks off.
 */
export async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) return readPipedPassword(process.stdin);
  const password = await ask("Password");
  if ((await ask("Again")) !== password) {
    throw new LatchkeyError("BAD_USER_INPUT", { message: "The two passwords differ." });
  }
  return password;
}

/** Asks at the terminal, without echo. @throws InterruptedError at `^C` and `^D`. */
async function ask(message: string): Promise<string> {
  const { default: askPassword } = await import("@inquirer/password");
  // The prompt does not look at ^D: its promise would stay open, and the process end with exit code 0.
  const ended = new AbortController();
  const onKey = (_text: unknown, key: { ctrl?: boolean; name?: string } | undefined) => {
    if (key?.ctrl && key.name === "d") ended.abort();
  };
  process.stdin.on("keypress", onKey);
  try {
    // The questions go to standard error: the output is the command's.
    return await askPassword({ message }, { output: process.stderr, signal: ended.signal });
  } catch (error) {
    const { name } = error as { name?: unknown };
    if (name !== "ExitPromptError" && name !== "AbortPromptError") throw error;
    throw new InterruptedError();
  } finally {
    process.stdin.removeListener("keypress", onKey);
  }
}
