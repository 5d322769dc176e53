import { createHash } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { bytesToNumberLE } from "@noble/curves/utils.js";

const { BASE, Fn } = ed25519.Point;

/** Bytes of half a signature, and of half the hash that a secret is expanded to (RFC 8032, section 5.1.5). */
const HALF = 32;

/**
 * Signs the nonce of a MariaDB server for its authentication method `ed25519`. It is Ed25519 (RFC 8032, section 5.1.6) with
 * one difference: SHA-512 expands the password itself, of any length, instead of 32 random bytes. `node:crypto` cannot do
 * that.
 */
export function signNonce(nonce: Uint8Array, password: string): Buffer {
  const { scalar, prefix, publicKey } = expand(password);
  const r = scalarOf(prefix, nonce);
  const first = BASE.multiply(r).toBytes();
  const k = scalarOf(first, publicKey, nonce);
  const second = Fn.toBytes(Fn.create(r + k * scalar));
  return Buffer.concat([first, second]);
}

function expand(password: string) {
  const expanded = sha512(Buffer.from(password, "utf8"));
  const head = expanded.subarray(0, HALF);
  // The clamping of RFC 8032, section 5.1.5, step 2.
  head.writeUInt8(head.readUInt8(0) & 0b1111_1000, 0);
  head.writeUInt8((head.readUInt8(HALF - 1) & 0b0111_1111) | 0b0100_0000, HALF - 1);
  const scalar = Fn.create(bytesToNumberLE(head));
  return { scalar, prefix: expanded.subarray(HALF), publicKey: BASE.multiply(scalar).toBytes() };
}

const scalarOf = (...parts: Uint8Array[]) => Fn.create(bytesToNumberLE(sha512(...parts)));

function sha512(...parts: Uint8Array[]): Buffer {
  const hash = createHash("sha512");
  for (const part of parts) hash.update(part);
  return hash.digest();
}
