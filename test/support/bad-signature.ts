/** The same JWT with another signature of the right length. */
export function withBadSignature(token: string): string {
  const [header, payload, signature = ""] = token.split(".");
  const bytes = Buffer.from(signature, "base64url");
  bytes[0]! ^= 1;
  return [header, payload, bytes.toString("base64url")].join(".");
}
