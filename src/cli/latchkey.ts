#!/usr/bin/env node
import "./refuse-old-node.js";

/** Node names the package that it cannot find only in the error's message. */
const MISSING_PACKAGE = /^Cannot find package '([^']+)'/;

// Imported only now: a static import of a package that is missing fails before any line of this file runs.
try {
  const { runProgram } = await import("./program.js");
  await runProgram();
} catch (error) {
  const { code, message } = error as { code?: unknown; message: string };
  const [, name] = (code === "ERR_MODULE_NOT_FOUND" && MISSING_PACKAGE.exec(message)) || [];
  if (name === undefined) throw error;
  process.stderr.write(`latchkey: the package ${name} is not installed. Run: npm ci\n`);
  process.exitCode = 1;
}
