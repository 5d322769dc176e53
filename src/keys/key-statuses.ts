import type { SigningKey } from "../entities/signing-key.js";

/** 9999-12-31T23:59:59Z in milliseconds: the end of a token that never ends. */
export const NEVER = 253_402_300_799_000;

/**
 * How long a key stays published after the last of its tokens has ended. It covers the privilege tokens
 * that it signed, clocks that differ, and a node that saw its successor late.
 */
const MARGIN_MS = 3_600_000;

/**
 * `upcoming`: published, and not used before its time. `signing`: the one. `retired`: published for what it
 * signed. `dropped`: unpublished, and what it signed is refused.
 */
export type KeyState = "upcoming" | "signing" | "retired" | "dropped";

/** What may be told of a key. */
export interface KeyStatus {
  kid: string;
  algorithm: string;
  state: KeyState;
  creationTime: Date;
  /** From when on it signs. */
  activationTime: Date;
  /** When the next one takes over; null while there is none. */
  retirementTime: Date | null;
  /** When no token needs a retired key any more; null for the others, and for one that is kept for good. */
  publishedUntil: Date | null;
  dropTime: Date | null;
}

/** The order of preference for signing, the same on every node. */
export function newestFirst<K extends Pick<SigningKey, "kid" | "activationTime">>(keys: readonly K[]): K[] {
  return keys.toSorted(
    (a, b) => b.activationTime.getTime() - a.activationTime.getTime() || (a.kid < b.kid ? -1 : 1),
  );
}

/**
 * Where in the list the key that signs stands: the newest whose time has come. When the time of none has,
 * the first to come: all others were dropped, and somebody must sign. -1 for an empty list.
 *
 * @param keys newest first, without dropped ones.
 * @param now milliseconds.
 */
export function signingIndex(keys: readonly Pick<SigningKey, "activationTime">[], now: number): number {
  const index = keys.findIndex(({ activationTime }) => activationTime.getTime() <= now);
  return index < 0 ? keys.length - 1 : index;
}

/**
 * How every key stands: the usable ones newest first, then the dropped ones. It follows from the stored
 * instants alone, so all nodes agree and nothing has to happen at the moment of a change.
 *
 * @param now milliseconds.
 */
export function keyStatuses(keys: readonly SigningKey[], now: number): KeyStatus[] {
  const ordered = newestFirst(keys);
  const usable = ordered.filter(({ dropTime }) => dropTime === null);
  const signing = signingIndex(usable, now);
  const stateAt = (index: number) =>
    index === signing ? "signing" : index < signing ? "upcoming" : "retired";
  return [
    ...usable.map((key, index) => status(key, stateAt(index), usable[index - 1]?.activationTime ?? null)),
    ...ordered.filter(({ dropTime }) => dropTime !== null).map((key) => status(key, "dropped", null)),
  ];
}

function status(key: SigningKey, state: KeyState, retirementTime: Date | null): KeyStatus {
  const { kid, algorithm, creationTime, activationTime, dropTime } = key;
  const publishedUntil = state === "retired" ? neededUntil(key, retirementTime) : null;
  return { kid, algorithm, state, creationTime, activationTime, retirementTime, publishedUntil, dropTime };
}

function neededUntil({ tokensUntil }: SigningKey, retirementTime: Date | null): Date | null {
  if (tokensUntil.getTime() >= NEVER) return null;
  return new Date(Math.max(tokensUntil.getTime(), retirementTime?.getTime() ?? 0) + MARGIN_MS);
}
