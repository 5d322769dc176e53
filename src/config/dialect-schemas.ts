import { z } from "zod";
import { choice, commaList, textTo, type SettingSchema } from "./setting-schemas.js";

/** The REST interfaces of the five services that this gateway replaces. */
export const DIALECT_NAMES = [
  "ctoregistry",
  "usertoken-bearer",
  "webitel",
  "userid-jwt",
  "usertoken-xauth",
] as const;

export type DialectName = (typeof DIALECT_NAMES)[number];

const dialectName = choice(...DIALECT_NAMES);
const dialectList = commaList(dialectName, DIALECT_NAMES.length, "dialects");

/** Some of the dialects, or `none`. */
export const dialects: SettingSchema<readonly DialectName[]> = z
  .string()
  .transform((text) => (text === "none" ? null : text))
  .pipe(z.union([z.null().transform(() => []), dialectList]))
  .describe(`none, or ${dialectList.description ?? ""}`);

const SEGMENTS = /^(?:\/[A-Za-z0-9_-]{1,64}){1,8}$/;
/** A path that ends so would put one dialect's `/login` upon another one's. */
const OTHERS_SEGMENT = /\/(?:auth|security)$/;

const prefix = textTo(
  "a dialect, = and a path such as /legacy (letters, digits, - and _; not ending in /auth or /security)",
  (text) => {
    const [name = "", path = "", rest] = text.split("=");
    const known = DIALECT_NAMES.find((each) => each === name);
    const fits = rest === undefined && SEGMENTS.test(path) && !OTHERS_SEGMENT.test(path);
    return known && fits ? ([known, path] as const) : undefined;
  },
);

/** Paths that dialects are served under, by their names. */
export const dialectPrefixes: SettingSchema<Partial<Record<DialectName, string>>> = z
  .string()
  .pipe(commaList(prefix, DIALECT_NAMES.length, "prefixes"))
  .refine(
    (entries) => new Set(entries.map(([name]) => name)).size === entries.length,
    "must not hold a dialect twice",
  )
  .transform((entries) => Object.fromEntries(entries))
  .describe(commaList(prefix, DIALECT_NAMES.length, "prefixes").description ?? "");
