const INTEGER = 2;
const SEQUENCE = 0x30;
const P256_BYTES = 32;

/** Good until the next call. The longest: two integers of 33 bytes, each with two bytes before it, and two before all. */
const room = Buffer.alloc(72);
/** The same place at each length, made once. */
const views = new Array<Uint8Array | undefined>(room.length + 1);

/** Writes an unsigned big-endian number as a DER integer: its fewest bytes, the first bit a zero. Returns the end. */
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
 * What JWS writes as two plain integers (RFC 7518 section 3.4), as X.509 does (RFC 3279 section 2.2.3): OpenSSL
 * reads only that, and to have `node:crypto` write it (`ieee-p1363`) costs a hundredth of a verification.
 *
 * @param signature of ES256.
 * @returns bytes that are good until the next call; undefined when the signature is not of 64 bytes.
 */
export function ecdsaDer(signature: Uint8Array): Uint8Array | undefined {
  if (signature.length !== 2 * P256_BYTES) return undefined;
  const middle = writeInteger(signature, 0, P256_BYTES, 2);
  const end = writeInteger(signature, P256_BYTES, 2 * P256_BYTES, middle);
  room[0] = SEQUENCE;
  room[1] = end - 2;
  return (views[end] ??= room.subarray(0, end));
}
