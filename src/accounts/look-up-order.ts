import { foldName } from "./fold-name.js";
import { normaliseIdentifier } from "./normalise-identifier.js";

/** What earlier versions took for a telephone number. */
const PHONE_BEFORE = /^\+?[0-9 ().\-/]+$/;

/**
 * Under which identifiers a name is looked up, the first that is there counts.
 *
 * Earlier versions kept spellings apart that are one name now: the forms of a mail domain, digits of other scripts,
 * dashes. Where two accounts had one each, both keep what they have: who types exactly that spelling means that
 * account. No account that is made now can get in between, for it is stored under a normalised form.
 */
export function lookUpOrder(raw: string): readonly string[] {
  return [...new Set([earlierForm(raw), normaliseIdentifier(raw)])];
}

/** The form that earlier versions stored. To normalise it is to normalise the name. */
function earlierForm(raw: string): string {
  const folded = foldName(raw);
  return PHONE_BEFORE.test(folded) ? folded.replace(/[^0-9+]/g, "") || folded : folded;
}
