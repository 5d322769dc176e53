import {
  createVerifier,
  type PrivilegeOptions,
  type RefusalCode,
  type UserOptions,
  type Verification,
} from "../../../packages/verify/src/index.js";
import { CLIENT, type FeedServer } from "./feed-server.js";
import { AUDIENCE } from "./issuer.js";

/** Ends whatever a test has begun. */
export const endings: (() => Promise<void> | void)[] = [];

export async function endAll(): Promise<void> {
  for (const end of endings.splice(0).reverse()) await end();
}

/** Times that a busy machine bears: a test that needs another one says so. */
const PATIENT = { maxStaleness: 10_000, keyRefresh: 60_000 };

export function verifierOf(server: FeedServer, options: Partial<PrivilegeOptions> = {}) {
  const verifier = createVerifier({
    issuer: server.url,
    audience: AUDIENCE,
    client: CLIENT,
    ...PATIENT,
    ...options,
  });
  endings.push(() => verifier.close());
  return verifier;
}

export function userVerifierOf(server: FeedServer, options: Partial<UserOptions> = {}) {
  const verifier = createVerifier({
    issuer: server.url,
    tokens: "user",
    client: CLIENT,
    ...PATIENT,
    ...options,
  });
  endings.push(() => verifier.close());
  return verifier;
}

/** A verifier that has read everything up to now. */
export async function readyVerifierOf(server: FeedServer, options: Partial<PrivilegeOptions> = {}) {
  const verifier = verifierOf(server, options);
  await verifier.ready();
  return verifier;
}

/** `accepted`, or the code of the refusal. */
export const outcome = (verification: Verification<unknown>): RefusalCode | "accepted" =>
  verification.ok ? "accepted" : verification.code;
