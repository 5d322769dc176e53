import type { ForgeryLimit } from "../limits/forgery-limit.js";

/** Who presents a credential, at a door that anybody may try credentials at. */
export interface Presenter {
  /**
   * Lets a credential be judged; null stands for what is no token.
   * @throws TOO_MANY_REQUESTS when the source has presented too many forgeries, and this is no token known to be good.
   */
  admit(token: string | null): void;
  /** What was presented is forged, or means nothing. */
  forged(): void;
}

/** The presenter at an address, which is only asked for when it matters. */
export type PresenterAt = (address: () => string) => Presenter;

const UNCOUNTED: Presenter = { admit: () => undefined, forged: () => undefined };

/** Nobody's forgeries are counted. */
export const uncounted: PresenterAt = () => UNCOUNTED;

/** @param knows whether a token was found good before. */
export function createPresenters(limit: ForgeryLimit, knows: (token: string) => boolean): PresenterAt {
  return (address) => ({
    admit: (token) => limit.admit(address, () => token !== null && knows(token)),
    forged: () => limit.count(address),
  });
}
