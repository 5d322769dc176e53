import type { FieldCode } from "#wire/error-codes.js";
import type { FieldFault } from "../errors/latchkey-error.js";

/** What is wrong with one value of a registration. */
export const fieldFault = (field: string, code: FieldCode, message: string): FieldFault => ({
  path: [field],
  code,
  message,
});

/** The length of a text as people count it. */
export const characters = (text: string): number => [...text].length;
