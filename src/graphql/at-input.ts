import { LatchkeyError } from "../errors/latchkey-error.js";

/**
 * Runs a function that names bad values by their own field, and prefixes their
 * paths with the `input` argument that they arrived in.
 */
export async function atInput<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof LatchkeyError) || !error.fields) throw error;
    const fields = error.fields.map((fault) => ({ ...fault, path: ["input", ...fault.path] }));
    throw new LatchkeyError(error.code, { message: error.message, fields, cause: error });
  }
}
