import { foldName } from "./fold-name.js";
import { withoutJoiners } from "./joiners.js";
import { unicodeDomain } from "./mail-domain.js";
import { phoneDigits } from "./phone-text.js";

/**
 * The one form under which usernames, e-mail addresses and telephone numbers
 * are stored, compared and looked up, whatever kind each is meant to be:
 * names are folded, and their joiners left out; of a number only the digits and its plus are kept, in ASCII;
 * the domain of a mail address is in Unicode. Because it does
 * not ask for the kind, no username can shadow another account's e-mail address or number.
 */
export function normaliseIdentifier(raw: string): string {
  const folded = foldName(raw);
  return phoneDigits(folded) ?? mailForm(withoutJoinersFolded(folded));
}

/** Letters meet where a joiner stood, and may become one. */
function withoutJoinersFolded(folded: string): string {
  const bare = withoutJoiners(folded);
  return bare === folded ? folded : foldName(bare);
}

/**
 * In Unicode, and folded like any name: so an account of an earlier version keeps its form when its domain was
 * written in Unicode, and ß, ς and joiners make no second account, as IDNA2003 had it.
 */
function mailForm(name: string): string {
  const domain = name.slice(name.lastIndexOf("@") + 1);
  if (domain === name) return name;
  const unicode = unicodeDomain(domain);
  return unicode === domain ? name : foldName(withoutJoiners(`${name.slice(0, -domain.length)}${unicode}`));
}
