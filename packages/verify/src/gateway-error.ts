/** Thrown when the gateway cannot be reached, or when its answer cannot be used. The message is for the log. */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
}
