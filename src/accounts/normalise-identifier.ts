/** Digits with the usual separators, and perhaps a plus: what people type as a telephone number. */
const LOOKS_LIKE_PHONE = /^\+?[0-9 ().\-/]+$/;

/**
 * The one form under which usernames, e-mail addresses and telephone numbers
 * are stored, compared and looked up, whatever kind each is meant to be:
 * compatibility forms and case are folded (RFC 8265 section 3.3), a run of spaces
 * is one (RFC 8266 section 2.1), separators in numbers are dropped. Because it does
 * not ask for the kind, no username can shadow another account's e-mail address or number.
 */
export function normaliseIdentifier(raw: string): string {
  // Taken apart first, as Unicode's own folding of identifiers does: case can change what a mark belongs to.
  // Upper case between: it alone unfolds ß and makes all sigmas one; lower case before it, for ẞ has no upper case.
  const cased = raw.normalize("NFKD").toLowerCase().toUpperCase().toLowerCase();
  // Folding can undo NFKC, so that comes last again.
  const folded = cased.normalize("NFKC").replace(/\s+/g, " ").trim();
  return LOOKS_LIKE_PHONE.test(folded) ? folded.replace(/[^0-9+]/g, "") || folded : folded;
}
