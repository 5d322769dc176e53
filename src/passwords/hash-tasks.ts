import { hashSync as argon2Hash, verifySync as argon2Verify } from "@node-rs/argon2";
import { compareSync, hashSync as bcryptHash } from "bcryptjs";
import { comparableForms, opaqueForm } from "./comparable-forms.js";
import { isWellFormed, preHash } from "./pre-hash.js";
import {
  ARGON2ID,
  formatStoredHash,
  parseStoredHash,
  sameParameters,
  type HashParameters,
  type StoredHash,
} from "./stored-hash.js";

/** How new hashes are made. Plain data: it is cloned into each worker. */
export interface HashSettings {
  scheme: "bcrypt" | "argon2id";
  bcryptCost: number;
  /** The first makes new hashes; the others still verify. */
  peppers: readonly { id: string; key: Uint8Array }[];
}

/** What comparing a password with a stored hash found. */
export interface PasswordVerification {
  ok: boolean;
  /** The string to store instead, when the password is right and the stored one is out of date. */
  rehash: string | null;
}

const REFUSED: PasswordVerification = { ok: false, rehash: null };

/**
 * Hashes a password by the current scheme, cost and pepper. Blocks its thread: for workers only.
 *
 * @throws RangeError for a string with a lone surrogate, which checkPassword refuses before.
 */
export function hashPassword(settings: HashSettings, password: string): string {
  if (!isWellFormed(password)) throw new RangeError("a password must be well-formed Unicode");
  const pepper = currentPepper(settings);
  const secret = preHash(pepper.key, opaqueForm(password));
  return formatStoredHash(pepper.id, makePhc(currentParameters(settings), secret));
}

/**
 * Compares a password with a stored string, in each of its comparable forms. Blocks its thread: for workers only.
 *
 * Whatever cannot match (unknown format, hostile parameters, a pepper we no longer have) costs the same
 * work against `dummy`, so that time does not tell one refusal from another.
 */
export function verifyPassword(
  settings: HashSettings,
  password: string,
  stored: string | null,
  dummy: string,
): PasswordVerification {
  const parsed = stored === null ? null : parseStoredHash(stored);
  const secretOf = parsed === null ? null : secretsFor(settings, parsed, password);
  const forms = comparableForms(password);
  if (parsed === null || secretOf === null) return refuseAfterWork(settings, forms, dummy);
  const current = currentParameters(settings);
  for (const [at, form] of forms.entries()) {
    const secret = secretOf(form);
    if (matches(parsed, secret)) {
      const upToDate =
        at === 0 &&
        parsed.pepperId === currentPepper(settings).id &&
        sameParameters(parsed.parameters, current);
      return { ok: true, rehash: upToDate ? null : hashPassword(settings, password) };
    }
    levelWork(parsed.parameters, current, secret);
  }
  return REFUSED;
}

/** What the scheme is given for a form of the password, or null when nothing can match. */
function secretsFor(
  settings: HashSettings,
  parsed: StoredHash,
  password: string,
): ((form: string) => string) | null {
  if (!isWellFormed(password)) return null;
  if (parsed.pepperId === null) return (form) => form;
  const pepper = settings.peppers.find(({ id }) => id === parsed.pepperId);
  return pepper === undefined ? null : (form) => preHash(pepper.key, form);
}

function refuseAfterWork(
  settings: HashSettings,
  forms: readonly string[],
  dummy: string,
): PasswordVerification {
  const parsed = parseStoredHash(dummy);
  if (parsed === null) throw new Error("the dummy hash cannot be read");
  for (const form of forms) matches(parsed, preHash(currentPepper(settings).key, form));
  return REFUSED;
}

/** Both libraries compare in constant time. */
function matches({ parameters, phc }: StoredHash, secret: string): boolean {
  if (parameters.scheme === "bcrypt") return compareSync(secret, phc);
  return argon2Verify(phc, secret);
}

/**
 * A cheaper bcrypt hash (made before the cost was raised) answers a wrong password sooner than an unknown
 * user is answered. 2^c + 2^c + 2^(c+1) + … + 2^(n-1) = 2^n: one more hash at each cost between levels it.
 */
function levelWork(found: HashParameters, current: HashParameters, secret: string): void {
  if (found.scheme !== "bcrypt" || current.scheme !== "bcrypt") return;
  for (let cost = found.cost; cost < current.cost; cost += 1) bcryptHash(secret, cost);
}

function makePhc(parameters: HashParameters, secret: string): string {
  if (parameters.scheme === "bcrypt") return bcryptHash(secret, parameters.cost);
  // The library's default algorithm is argon2id; its enum cannot be named under isolatedModules.
  return argon2Hash(secret, {
    memoryCost: parameters.memoryKib,
    timeCost: parameters.passes,
    parallelism: parameters.lanes,
  });
}

function currentParameters(settings: HashSettings): HashParameters {
  return settings.scheme === "bcrypt" ? { scheme: "bcrypt", cost: settings.bcryptCost } : ARGON2ID;
}

function currentPepper(settings: HashSettings): { id: string; key: Uint8Array } {
  const [pepper] = settings.peppers;
  if (pepper === undefined) throw new Error("there is no pepper");
  return pepper;
}
