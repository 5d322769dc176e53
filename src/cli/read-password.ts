import type { Readable } from "node:stream";
import type { FieldCode } from "#wire/error-codes.js";
import { LatchkeyError, badInput } from "../errors/latchkey-error.js";

/** The person at the terminal broke a question off. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";

  constructor() {
    super("broken off: nothing was changed");
  }
}

/** Far beyond any password: the rest of an endless input is not waited for. */
const MAX_BYTES = 64 * 1_024;
/** Whatever ends a line in Unicode (UAX 14, the mandatory breaks). */
const LINE_END = /[\n\v\f\r\u0085\u2028\u2029]/;

/**
 * The one line of a stream, without its line end. Its bytes must be UTF-8: a decoder that puts U+FFFD for what it
 * cannot read would make an account with a password that nobody knows.
 *
 * @throws BAD_USER_INPUT for another encoding, a line end inside, and more than 64 KiB.
 */
export async function readPipedPassword(input: Readable): Promise<string> {
  const text = decodePassword(await readBytes(input)).replace(/\r?\n$/, "");
  if (LINE_END.test(text)) {
    throw refusedPassword("INVALID_FORMAT", "Standard input must hold the password alone, in one line.");
  }
  return text;
}

async function readBytes(input: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of input as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BYTES) throw refusedPassword("TOO_LONG", "Standard input holds more than a password.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function decodePassword(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refusedPassword(
      "INVALID_FORMAT",
      "Standard input must be UTF-8. Convert the password first, as with iconv.",
    );
  }
}

const refusedPassword = (code: FieldCode, message: string) => badInput({ path: ["password"], code, message });

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
