/**
 * Prints "N passed, N failed" for the whole gate, and fails unless every test ran and passed.
 *
 *   node scripts/ci/summary.mjs EXAMPLES_LOG JEST_REPORT...
 *
 * EXAMPLES_LOG ends with a line "N passed, N failed". A JEST_REPORT is the JSON of jest; a suite that could not be
 * loaded counts as a failure. A skipped test is a failure too, except in a report whose name begins with `line-`: the
 * other lines of Node run without database servers.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";

const [examplesLog, ...reportFiles] = process.argv.slice(2);
const [, examplesPassed, examplesFailed] = /^(\d+) passed, (\d+) failed$/m.exec(
  readFileSync(examplesLog, "utf8"),
) ?? [0, 0, 1];
const reports = reportFiles.map((file) => ({ file, ...JSON.parse(readFileSync(file, "utf8")) }));
const sum = (some, ...names) =>
  some.flatMap((report) => names.map((name) => report[name])).reduce((all, count) => all + count, 0);

const complete = reports.filter(({ file }) => !basename(file).startsWith("line-"));
const passed = sum(reports, "numPassedTests") + Number(examplesPassed);
const failed = sum(reports, "numFailedTests", "numRuntimeErrorTestSuites") + Number(examplesFailed);
const skipped = sum(complete, "numPendingTests", "numTodoTests");

console.log(
  `Test Suites: ${sum(reports, "numPassedTestSuites")} passed, ${sum(reports, "numFailedTestSuites")} failed`,
);
if (skipped > 0) console.log("A skipped test is a failed run.");
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
const isGreen = reports.every(({ success }) => success) && failed + skipped === 0 && passed > 0;
process.exitCode = isGreen ? 0 : 1;
