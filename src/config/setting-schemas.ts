import ms from "ms";
import { z } from "zod";

/** What every setting is made of: the text of a variable in, a typed value out. `description` says what it accepts. */
export type SettingSchema<T> = z.ZodType<T, string>;

/** Characters in any one value. */
export const MAX_TEXT_LENGTH = 16_384;

const WHOLE_NUMBER = /^(?:0|[1-9]\d{0,14})$/;
const DURATION = /^(?:0|[1-9]\d{0,11})(?:ms|s|m|h|d|w|y)$/;

/** What any value must be before its own rules are asked. Secret files can hold what an environment cannot (NUL). */
export const plainText = z
  .string()
  .max(MAX_TEXT_LENGTH, { error: `must have at most ${MAX_TEXT_LENGTH} characters`, abort: true })
  .refine((text) => !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(text), {
    error: "must not hold a line break or another control character",
    abort: true,
  });

/** A schema from a parser that returns undefined for what it refuses. The refusal says what is accepted, not what came. */
export function textTo<T>(accepts: string, parse: (text: string) => T | undefined): SettingSchema<T> {
  const schema = z.string().transform((text, context) => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue(`must be ${accepts}`);
    return z.NEVER;
  });
  return schema.describe(accepts);
}

/** Decimal digits and nothing else, within bounds (both included). */
export function wholeNumber(min: number, max: number): SettingSchema<number> {
  return textTo(`a whole number from ${min} to ${max}`, (text) => {
    const value = WHOLE_NUMBER.test(text) ? Number(text) : NaN;
    return value >= min && value <= max ? value : undefined;
  });
}

/** A number and a unit (ms, s, m, h, d, w, y), as milliseconds; bounds (both included) in the same notation. */
export function duration(min: ms.StringValue, max: ms.StringValue): SettingSchema<number> {
  return textTo(durationText(min, max), (text) => parseDuration(text, min, max));
}

/** A duration, or `never` as null. */
export function durationOrNever(min: ms.StringValue, max: ms.StringValue): SettingSchema<number | null> {
  return textTo(`never, or ${durationText(min, max)}`, (text) =>
    text === "never" ? null : parseDuration(text, min, max),
  );
}

function durationText(min: string, max: string): string {
  return `a duration from ${min} to ${max} (a whole number and ms, s, m, h, d, w or y)`;
}

function parseDuration(text: string, min: ms.StringValue, max: ms.StringValue): number | undefined {
  // The pattern goes first: ms itself also takes "-1 Day", ".5h" and a bare number.
  const value = DURATION.test(text) ? ms(text as ms.StringValue) : NaN;
  return value >= ms(min) && value <= ms(max) ? value : undefined;
}

/** One of a few words, in exactly this spelling. */
export function choice<const Words extends readonly [string, ...string[]]>(
  ...words: Words
): SettingSchema<Words[number]> {
  const accepts = `one of ${words.join(", ")}`;
  return z.enum(words, { error: `must be ${accepts}` }).describe(accepts);
}

/** `true` or `false`. */
export const trueOrFalse: SettingSchema<boolean> = choice("true", "false")
  .transform((word) => word === "true")
  .describe("true or false");

/** Entries between commas, without spaces, at least one, none twice. Faults carry the entry's position as their path. */
export function commaList<T>(
  entry: SettingSchema<T>,
  max: number,
  plural: string,
): SettingSchema<[T, ...T[]]> {
  const each = entry.description ?? "";
  const accepts = `at most ${max} ${plural}, separated by commas without spaces; each ${each}`;
  return (
    z
      .string()
      .refine((text) => text.split(",", max + 1).length <= max, { error: `must be ${accepts}`, abort: true })
      .transform((text) => text.split(","))
      .pipe(z.array(entry))
      .refine((entries) => new Set(entries).size === entries.length, "must not hold an entry twice")
      // Splitting a text yields one entry at least.
      .transform((entries) => entries as [T, ...T[]])
      .describe(accepts)
  );
}

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
