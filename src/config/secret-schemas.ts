import { commaList, textTo } from "./setting-schemas.js";

/** How to make a secret, for texts. */
export const HOW_TO_MAKE_A_SECRET = "make one with: openssl rand -base64 48";

const MIN_BYTES = 32;
const MAX_BYTES = 512;
/** Printable ASCII without a comma, no space at either end: what a shell, a file and a form carry unchanged. */
const SECRET = /^[!-+\--~](?:[ -+\--~]*[!-+\--~])?$/;

/** One secret. Characters are bytes here, because only ASCII is taken. */
export const secret = textTo(
  `${MIN_BYTES} to ${MAX_BYTES} bytes of printable ASCII without a comma; ${HOW_TO_MAKE_A_SECRET}`,
  (text) => (text.length >= MIN_BYTES && text.length <= MAX_BYTES && SECRET.test(text) ? text : undefined),
);

/** The current secret, then earlier ones. Base64 has no comma, so a comma can only separate. */
export const secrets = commaList(secret, 16, "secrets");
