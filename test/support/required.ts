const required = (process.env.TEST_REQUIRE ?? "").split(",");

/** Says that tests are skipped for want of something. Where that must be there it is a failure, never a silent skip. */
export function skipUnlessRequired(name: string, tests: string, reason: string): void {
  failIfRequired(name, reason);
  process.stderr.write(`tests ${tests} are skipped: ${reason}\n`);
}

/** For what say-skipped.mjs has told of. */
export function failIfRequired(name: string, reason: string): void {
  if (required.includes(name)) throw new Error(`TEST_REQUIRE names ${name}: ${reason}`);
}
