const INTEGER = 2;
const SEQUENCE = 0x30;
const P256_BYTES = 32;

/** Reused by every call. The longest result: two integers of 33 bytes with two bytes before each, and two before all. */
const room = Buffer.alloc(72);
/** A view of it for each length, created once. */
const views = new Array<Uint8Array | undefined>(room.length + 1);

/** Writes an unsigned big-endian number as a DER integer: the fewest bytes, with a first bit of zero. Returns the end. */
function writeInteger(bytes: Uint8Array, from: number, to: number, at: number): number {
  let first = from;
  while (first < to - 1 && bytes[first] === 0) first += 1;
  const pad = (bytes[first] as number) >> 7;
  room[at] = INTEGER;
  room[at + 1] = pad + to - first;
  room[at + 2] = 0;
  let end = at + 2 + pad;
  for (; first < to; first += 1, end += 1) room[end] = bytes[first] as number;
  return end;
}

/**
 * Converts a signature from the form of JWS, two plain integers (RFC 7518 section 3.4), to that of X.509 (RFC 3279
 * section 2.2.3), which is the only one that OpenSSL reads. `node:crypto` can convert it too (`ieee-p1363`), but that
 * adds a hundredth to a verification.
 *
 * @param signature of ES256.
 * @returns bytes that the next call overwrites; undefined when the signature does not have 64 bytes.
 */
export function ecdsaDer(signature: Uint8Array): Uint8Array | undefined {
  if (signature.length !== 2 * P256_BYTES) return undefined;
  const middle = writeInteger(signature, 0, P256_BYTES, 2);
  const end = writeInteger(signature, P256_BYTES, 2 * P256_BYTES, middle);
  room[0] = SEQUENCE;
  room[1] = end - 2;
  return (views[end] ??= room.subarray(0, end));
}
