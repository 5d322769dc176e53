/** What a stored hash must meet: the scheme and its cost. */
export type HashParameters =
  | { scheme: "bcrypt"; cost: number }
  | { scheme: "argon2id"; memoryKib: number; passes: number; lanes: number };

/** A stored hash taken apart. `pepperId` is null for a hash made elsewhere, over the bare password. */
export interface StoredHash {
  pepperId: string | null;
  /** The bcrypt or argon2 string itself. */
  phc: string;
  parameters: HashParameters;
}

/** OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, two passes, one lane. */
export const ARGON2ID: HashParameters = { scheme: "argon2id", memoryKib: 19_456, passes: 2, lanes: 1 };

/** The dearest parameters a stored string may ask for; whoever could write a dearer one could stop the workers. */
export const MAX_BCRYPT_COST = 15;
const MAX_MEMORY_KIB = 256 * 1024;
const MAX_PASSES = 10;
const MAX_LANES = 16;
const MIN_BCRYPT_COST = 4;
const MAX_STORED_LENGTH = 512;

const OWN = /^lk1\$([A-Za-z0-9_-]{1,64})(\$.+)$/;
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const ARGON2 =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$[A-Za-z0-9+/]{11,64}\$[A-Za-z0-9+/]{16,86}$/;

/** Whether a pepper id can stand in a stored string: 1 to 64 letters, digits, `_`, `-`. */
export function isPepperId(id: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(id);
}

/** Whether a bcrypt cost can be made and verified again: 4 to 15. */
export function isBcryptCost(cost: number): boolean {
  return Number.isInteger(cost) && cost >= MIN_BCRYPT_COST && cost <= MAX_BCRYPT_COST;
}

/** The string to store: `lk1$<pepper id>$2b$…` or `lk1$<pepper id>$argon2id$…`. */
export function formatStoredHash(pepperId: string, phc: string): string {
  return `lk1$${pepperId}${phc}`;
}

/**
 * Takes a stored string apart without running anything.
 *
 * @returns null for a format we do not know, and for parameters too dear to run (bcrypt above cost 15,
 *   argon2id above 256 MiB, 10 passes or 16 lanes).
 */
export function parseStoredHash(stored: string): StoredHash | null {
  if (stored.length > MAX_STORED_LENGTH) return null;
  const own = OWN.exec(stored);
  const phc = own?.[2] ?? stored;
  const parameters = readBcrypt(phc) ?? readArgon2(phc);
  return parameters === null ? null : { pepperId: own?.[1] ?? null, phc, parameters };
}

/** Whether two hashes cost the attacker the same. */
export function sameParameters(one: HashParameters, other: HashParameters): boolean {
  if (one.scheme === "bcrypt") return other.scheme === "bcrypt" && one.cost === other.cost;
  return (
    other.scheme === "argon2id" &&
    one.memoryKib === other.memoryKib &&
    one.passes === other.passes &&
    one.lanes === other.lanes
  );
}

function readBcrypt(phc: string): HashParameters | null {
  const match = BCRYPT.exec(phc);
  const cost = Number(match?.[1]);
  return isBcryptCost(cost) ? { scheme: "bcrypt", cost } : null;
}

function readArgon2(phc: string): HashParameters | null {
  const match = ARGON2.exec(phc);
  if (match === null) return null;
  const [memoryKib = 0, passes = 0, lanes = 0] = match.slice(1).map(Number);
  const sane =
    lanes >= 1 &&
    lanes <= MAX_LANES &&
    passes >= 1 &&
    passes <= MAX_PASSES &&
    memoryKib >= 8 * lanes &&
    memoryKib <= MAX_MEMORY_KIB;
  return sane ? { scheme: "argon2id", memoryKib, passes, lanes } : null;
}
