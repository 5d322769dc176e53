/** Shorter pieces would match by accident. */
const MIN_PIECE = 4;
const MAX_INPUT = 256;
const SERVICE_NAME = "latchkey";

/**
 * The words a password may not lean on: the service's name, and each user input whole and in its pieces
 * (`ann.miller@example.org` also as `ann.miller`, `miller`, `example`).
 */
export function strengthInputs(userInputs: readonly string[]): string[] {
  const words = userInputs
    .map((input) => input.slice(0, MAX_INPUT).normalize("NFC").toLowerCase())
    .flatMap((input) => [input, ...input.split("@"), ...input.split(/[^\p{L}\p{N}]+/u)]);
  return [SERVICE_NAME, ...new Set(words.filter((word) => word.length >= MIN_PIECE))];
}
