/** The person at the terminal broke a question off. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";

  constructor() {
    super("broken off: nothing was changed");
  }
}
