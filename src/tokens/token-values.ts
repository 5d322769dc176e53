import { badInput } from "../errors/latchkey-error.js";

const MAX_NOTE = 255;
const MAX_LIFETIME_MS = 10 * 365.25 * 24 * 3_600_000;

/**
 * The note of a token: at most 255 characters, none of them a control character; a blank one is none.
 * @throws BAD_USER_INPUT
 */
export function checkNote(note: string | null | undefined): string | null {
  if (note == null || note.trim() === "") return null;
  if ([...note].length > MAX_NOTE) {
    throw badInput({
      path: ["note"],
      code: "TOO_LONG",
      message: `A note has at most ${MAX_NOTE} characters.`,
    });
  }
  if (/\p{Cc}|\p{Cs}/u.test(note)) {
    throw badInput({ path: ["note"], code: "INVALID_FORMAT", message: "A note has no control characters." });
  }
  return note;
}

/**
 * When a token ends: the instant asked for, else one `lifetimeMs` from now (null: never).
 * @throws BAD_USER_INPUT for an instant that is not in the future, or more than ten years off.
 */
export function checkExpiration(
  asked: Date | null | undefined,
  now: number,
  lifetimeMs: number | null,
): Date | null {
  if (asked == null) return lifetimeMs === null ? null : new Date(now + lifetimeMs);
  const path = ["expirationTime"];
  const time = asked.getTime();
  if (Number.isNaN(time))
    throw badInput({ path, code: "INVALID_FORMAT", message: "This is not an instant." });
  // Less than a second away is no life at all: a JWT counts in whole seconds.
  if (time < now + 1_000) {
    throw badInput({ path, code: "NOT_IN_FUTURE", message: "A token must end at least a second from now." });
  }
  if (time > now + MAX_LIFETIME_MS) {
    throw badInput({ path, code: "OUT_OF_RANGE", message: "A token lives at most ten years." });
  }
  return asked;
}
