import { closeSync, openSync, readSync } from "node:fs";

/** Bytes. A secret is far shorter; a device or a wrong path may have no end. */
const MAX_BYTES = 65_536;

/**
 * Reads a small UTF-8 file.
 *
 * @throws Error with a `code`: the file system's own, `EFBIG` above 64 KiB, or `EILSEQ` when it is not UTF-8.
 */
export function readSecretFile(path: string): string {
  const file = openSync(path, "r");
  try {
    return decodeSecret(readAll(file));
  } finally {
    closeSync(file);
  }
}

function readAll(file: number): Buffer {
  const buffer = Buffer.alloc(MAX_BYTES + 1);
  let length = 0;
  let count: number;
  do {
    count = readSync(file, buffer, length, buffer.length - length, null);
    length += count;
  } while (count > 0 && length <= MAX_BYTES);
  if (length > MAX_BYTES) throw Object.assign(new Error("the file is too big"), { code: "EFBIG" });
  return buffer.subarray(0, length);
}

function decodeSecret(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw Object.assign(new Error("the file is not UTF-8", { cause }), { code: "EILSEQ" });
  }
}

/** The content without the one line end that editors and `echo` add. */
export function withoutLineEnd(content: string): string {
  return content.replace(/\r?\n$/, "");
}

/** The code of a file system error, such as ENOENT. */
export function errorCodeOf(error: unknown): string | undefined {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^[A-Z_]{1,40}$/.test(code) ? code : undefined;
}

/** That code as " (ENOENT)", or nothing, for a text: messages of such errors repeat the path. */
export function reasonOf(error: unknown): string {
  const code = errorCodeOf(error);
  return code === undefined ? "" : ` (${code})`;
}
