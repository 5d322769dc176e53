/**
 * Compatibility forms and case are folded (RFC 8265 section 3.3), a run of spaces is one (RFC 8266 section 2.1).
 * Folding twice is folding once.
 */
export function foldName(raw: string): string {
  // Taken apart first, as Unicode's own folding of identifiers does: case can change what a mark belongs to.
  // Upper case between: it alone unfolds ß and makes all sigmas one; lower case before it, for ẞ has no upper case.
  const cased = raw.normalize("NFKD").toLowerCase().toUpperCase().toLowerCase();
  // Folding can undo NFKC, so that comes last again.
  return cased.normalize("NFKC").replace(/\s+/g, " ").trim();
}
