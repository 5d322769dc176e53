import { setTimeout as sleep } from "node:timers/promises";
import { decodeProtectedHeader } from "jose";
import type { SignedIn } from "./client.js";
import type { TestDatabase } from "./databases.js";
import { runCommand } from "./gateway.js";

/** One line of `latchkey keys list`. */
export interface ListedKey {
  kid: string;
  algorithm: string;
  state: "upcoming" | "signing" | "retired" | "dropped";
  activationTime: string;
  retirementTime: string | null;
  publishedUntil: string | null;
  dropTime: string | null;
}

/** `latchkey keys … --json` on a database. */
export async function keysCli<T = ListedKey>(database: TestDatabase, ...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await runCommand(["keys", ...args, "--json"], {
    DATABASE_URL: database.url,
  });
  if (code !== 0) throw new Error(`keys ${args.join(" ")} failed: ${stderr}`);
  return JSON.parse(stdout) as T;
}

export const listKeys = (database: TestDatabase): Promise<ListedKey[]> =>
  keysCli<ListedKey[]>(database, "list");

/** Moves the moment from which a key signs, as if that much time had passed. */
export async function activateAt(database: TestDatabase, kid: string, at: number): Promise<void> {
  await database.query("UPDATE signing_key SET activationTime = ? WHERE kid = ?", [at, kid]);
}

/** The key set as it is served, and its entity tag. */
export async function fetchKeySet(url: string): Promise<{ keys: Record<string, string>[]; etag: string }> {
  const response = await fetch(`${url}/.well-known/jwks.json`);
  const { keys } = (await response.json()) as { keys: Record<string, string>[] };
  return { keys, etag: response.headers.get("etag") ?? "" };
}

/** The key that signed a JWT. */
export const kidOf = (token: string): string => decodeProtectedHeader(token).kid ?? "";

/** Waits until a node publishes a key. */
export async function untilPublished(url: string, kid: string): Promise<void> {
  while (!(await fetchKeySet(url)).keys.some((key) => key.kid === kid)) await sleep(50);
}

/** Logs in until a key signs, and answers what it signed. */
export async function untilSigned(kid: string, login: () => Promise<SignedIn>): Promise<SignedIn> {
  for (;;) {
    const user = await login();
    if (kidOf(user.token) === kid) return user;
    await sleep(50);
  }
}
