// `ignoreBOM` keeps a leading byte order mark as text: otherwise two encodings would mean the same thing.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Decodes standard Base64 (RFC 4648 section 4) that holds UTF-8 text.
 *
 * Node's decoder skips junk, takes the URL alphabet and forgives padding, so that many texts mean one value. This
 * one takes only the canonical text: what it decodes to must encode to exactly the same text again.
 *
 * @returns the text, or null when the Base64 is not canonical or the bytes are not UTF-8.
 */
export function decodeBase64Utf8(text: string): string | null {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) return null;
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}
