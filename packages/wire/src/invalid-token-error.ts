/** Thrown for a token, or a batch of the feed, that must not be accepted. */
export class InvalidTokenError extends Error {
  override readonly name = "InvalidTokenError";

  /** @param detail for the log. It must not repeat what the token holds. */
  constructor(
    readonly reason: "INVALID_CREDENTIAL" | "TOKEN_EXPIRED",
    readonly detail?: string,
  ) {
    super(detail ?? "the token has expired");
  }
}

/** An `InvalidTokenError` with the reason `INVALID_CREDENTIAL`. */
export const invalidToken = (detail: string): InvalidTokenError =>
  new InvalidTokenError("INVALID_CREDENTIAL", detail);
