const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:[Zz]|([+-])(\d{2})(?::?(\d{2}))?)$/;

/**
 * Reads an ISO 8601 instant: a calendar date, a time and an offset, as programs write them (RFC 3339, seconds and the
 * minutes of the offset may be left out). Without an offset it would be another instant in another place.
 *
 * @returns null for anything else, days and hours that do not exist too.
 */
export function parseInstant(text: string): Date | null {
  const found = INSTANT.exec(text);
  if (!found) return null;
  const part = (at: number) => Number(found[at] ?? 0);
  const [year, month, day, hour, minute, second] = [part(1), part(2), part(3), part(4), part(5), part(6)];
  const milliseconds = Math.floor(Number(`0.${found[7] ?? "0"}`) * 1_000);
  const local = new Date(0);
  local.setUTCFullYear(year, month - 1, day);
  local.setUTCHours(hour, minute, second, milliseconds);
  const exists = local.getUTCMonth() === month - 1 && local.getUTCDate() === day;
  if (!exists || hour > 23 || minute > 59 || second > 59 || part(9) > 23 || part(10) > 59) return null;
  const offset = (part(9) * 60 + part(10)) * 60_000;
  return new Date(local.getTime() - (found[8] === "-" ? -offset : offset));
}
