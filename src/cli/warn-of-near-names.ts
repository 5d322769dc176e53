import { findNearNames } from "../config/check-names.js";

/**
 * Warns on standard error of variables that look like misspelt settings: whatever such a variable says, the default is
 * in force.
 *
 * @returns the warnings, for a log.
 */
export function warnOfNearNames(): string[] {
  const warnings = findNearNames().map(
    ({ name, meant }) => `${name} is no setting and is not read; did you mean ${meant}?`,
  );
  for (const warning of warnings) process.stderr.write(`latchkey: warning: ${warning}\n`);
  return warnings;
}
