import { createRequire } from "node:module";
import type * as Tr46 from "tr46";

/** Names that IDNA changes nothing of. */
const PLAIN = /^(?!.*xn--)[\0-\x7f]*$/i;
/** UTS 46, not transitional, with all that DNS asks for; two hyphens in the third place are in use. */
const RULES = {
  checkBidi: true,
  checkHyphens: false,
  checkJoiners: true,
  useSTD3ASCIIRules: true,
  verifyDNSLength: true,
} as const;

const require = createRequire(import.meta.url);

/**
 * Not node:url: versions of Node differ in what they take for a domain, and nodes that share a database must not.
 * Loaded with the first domain that needs it, for its tables take their time.
 */
const tr46 = (): typeof Tr46 => require("tr46") as typeof Tr46;

/**
 * A mail domain as DNS has it: the A-labels of IDNA.
 *
 * @returns null when there is no such domain.
 */
export function asciiDomain(domain: string): string | null {
  return PLAIN.test(domain) ? domain : tr46().toASCII(domain, RULES);
}

/** The same domain in Unicode, whichever way it is written. What is no domain is left as it is. */
export function unicodeDomain(domain: string): string {
  if (PLAIN.test(domain)) return domain;
  const { domain: unicode, error } = tr46().toUnicode(domain, RULES);
  return error ? domain : unicode;
}
