import type { ValueTransformer } from "typeorm";

/**
 * An instant in a BIGINT column: milliseconds since 1970. No time zone of a server, a session or a driver can shift it, and
 * every database compares it in the same way.
 */
export const instantColumn: ValueTransformer = {
  to: (value: Date | null | undefined) => (value ? value.getTime() : value),
  from: (value: string | number | null | undefined) => (value == null ? null : new Date(Number(value))),
};
