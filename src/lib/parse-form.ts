/**
 * Undoes the encoding of one name or value of a form (WHATWG URL standard, application/x-www-form-urlencoded), strictly.
 *
 * @returns null for an escape that is none, or that is not UTF-8; the standard's own parser would put something else.
 */
export function decodeFormValue(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return null;
  }
}

/**
 * Reads a form, strictly.
 *
 * @returns every value of every name, in order; null when an escape is malformed.
 */
export function parseForm(text: string): ReadonlyMap<string, string[]> | null {
  const form = new Map<string, string[]>();
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const name = decodeFormValue(at < 0 ? pair : pair.slice(0, at));
    const value = at < 0 ? "" : decodeFormValue(pair.slice(at + 1));
    if (name === null || value === null) return null;
    const values = form.get(name);
    if (values) values.push(value);
    else form.set(name, [value]);
  }
  return form;
}
