import { createHmac } from "node:crypto";

/**
 * The channel of one installation: all its nodes have the same, and no other installation that shares the Redis
 * does. It tells nothing about the issuer, nor about the secret that the key was made from.
 */
export function channelName(key: Buffer, issuer: string): string {
  return `latchkey:revocations:${createHmac("sha256", key).update(issuer).digest("base64url")}`;
}
