/** The allowed last characters when some of their bits are unused. The unused bits must be zero. */
const LAST_OF_TWO = "AQgw";
const LAST_OF_THREE = "AEIMQUYcgkosw048";

const ALPHABET = /^[\w-]*$/;

/**
 * Whether a text is the canonical base64url form (RFC 4648 section 5, without padding) of the bytes that Node's decoder
 * returned for it. That decoder skips or misreads characters outside the alphabet, and drops unused bits at the end.
 * Encoding the bytes again and comparing the texts gives the same answer, but more slowly.
 */
export function isBase64urlOf(text: string, bytes: Uint8Array): boolean {
  const { length } = text;
  if (bytes.length !== Math.floor((length * 3) / 4) || !ALPHABET.test(text)) return false;
  switch (length % 4) {
    case 0:
      return true;
    case 1:
      return false;
    case 2:
      return LAST_OF_TWO.includes(text.charAt(length - 1));
    default:
      return LAST_OF_THREE.includes(text.charAt(length - 1));
  }
}
