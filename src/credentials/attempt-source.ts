import type { InvalidTokenLimit } from "../limits/invalid-token-limit.js";

/** Who presents a credential, at a door that anybody may try credentials at. */
export interface AttemptSource {
  /**
   * Lets a credential be judged; null stands for what is no token.
   * @throws TOO_MANY_REQUESTS when the source has presented too many forgeries, this is no token known to be good, and
   * no more that are unknown are judged for now.
   */
  admit(token: string | null): void;
  /**
   * Counts what was presented, null standing for what is no token, unless it is known to have been good.
   * @throws TOO_MANY_REQUESTS when the source has presented too many.
   */
  countInvalid(token: string | null): void;
}

/** The presenter at an address, which is only asked for when it matters. */
export type AttemptSourceAt = (address: () => string) => AttemptSource;

const UNCOUNTED: AttemptSource = { admit: () => undefined, countInvalid: () => undefined };

/** Nobody's forgeries are counted. */
export const uncounted: AttemptSourceAt = () => UNCOUNTED;

/** @param knows whether a token was found good before. */
export function createAttemptSources(
  limit: InvalidTokenLimit,
  knows: (token: string) => boolean,
): AttemptSourceAt {
  return (address) => ({
    admit: (token) => limit.admit(address, () => token !== null && knows(token)),
    countInvalid: (token) => {
      if (token === null || !knows(token)) limit.count(address);
    },
  });
}
