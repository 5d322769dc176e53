import type { Readable } from "node:stream";
import { badInput } from "../errors/latchkey-error.js";
import type { FieldCode } from "#wire/error-codes.js";

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
  const text = decode(await readBytes(input)).replace(/\r?\n$/, "");
  if (LINE_END.test(text)) {
    throw fault("INVALID_FORMAT", "Standard input must hold the password alone, in one line.");
  }
  return text;
}

async function readBytes(input: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of input as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BYTES) throw fault("TOO_LONG", "Standard input holds more than a password.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw fault("INVALID_FORMAT", "Standard input must be UTF-8. Convert the password first, as with iconv.");
  }
}

const fault = (code: FieldCode, message: string) => badInput({ path: ["password"], code, message });
