#!/usr/bin/env node
/**
 * Writes src/accounts/joining-types.ts from two files of the Unicode Character Database, which regular expressions
 * of JavaScript do not know: Joining_Type and Canonical_Combining_Class.
 *
 *   node scripts/joining-types.mjs FOLDER
 *
 * FOLDER is a copy of https://www.unicode.org/Public/UCD/latest/ucd/extracted/, or of Debian's package unicode-data
 * /usr/share/unicode/extracted.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const TARGET = new URL("../src/accounts/joining-types.ts", import.meta.url);

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write("usage: node scripts/joining-types.mjs FOLDER\n");
  process.exit(2);
}

const read = (name) => readFileSync(join(folder, name), "utf8");

/** Ranges of code points whose value is one of these, in order, neighbours merged. */
function rangesOf(text, values) {
  const ranges = text
    .split("\n")
    .map((line) => /^([0-9A-F]+)(?:\.\.([0-9A-F]+))? *; *(\w+)/.exec(line))
    .filter((match) => match !== null && values.includes(match[3]))
    .map(([, first, last = first]) => [parseInt(first, 16), parseInt(last, 16)])
    .sort(([one], [other]) => one - other);
  const merged = [];
  for (const [first, last] of ranges) {
    const previous = merged.at(-1);
    if (previous !== undefined && previous[1] + 1 >= first) previous[1] = last;
    else merged.push([first, last]);
  }
  return merged;
}

const escape = (code) => `\\\\u{${code.toString(16)}}`;
const classOf = (ranges) =>
  ranges
    .map(([first, last]) => (first === last ? escape(first) : `${escape(first)}-${escape(last)}`))
    .join("");

const joining = read("DerivedJoiningType.txt");
const combining = read("DerivedCombiningClass.txt");
const version = /^# DerivedJoiningType-([\d.]+)\.txt/.exec(joining)?.[1];
if (version === undefined || !combining.startsWith(`# DerivedCombiningClass-${version}.txt`)) {
  process.stderr.write("the two files are not of one version of Unicode\n");
  process.exit(1);
}

const constant = (name, comment, ranges) => `
/** ${comment} */
export const ${name} =
  "${classOf(ranges)}";
`;

writeFileSync(
  TARGET,
  `// Made by scripts/joining-types.mjs from the Unicode Character Database, version ${version}. Do not edit.
// The contents of classes for regular expressions with the flag u.
${constant("VIRAMAS", "Canonical_Combining_Class=Virama.", rangesOf(combining, ["9"]))}${constant("JOINS_NEXT", "Joining_Type=Left_Joining or Dual_Joining.", rangesOf(joining, ["L", "D"]))}${constant("JOINS_PREVIOUS", "Joining_Type=Right_Joining or Dual_Joining.", rangesOf(joining, ["R", "D"]))}${constant("TRANSPARENT", "Joining_Type=Transparent.", rangesOf(joining, ["T"]))}`,
);
