import { PassThrough } from "node:stream";

let runs = 0;
/** Commands take turns: each has the process's arguments, variables and streams for itself. */
let last = Promise.resolve();

/**
 * Runs a command of the built command line in this process, where the modules are loaded already. A process of its own
 * costs a second more. The command must not read standard input.
 *
 * @param environment the variables, complete: nothing of `process.env` gets in.
 */
export function hostCommand(args, environment) {
  const done = last.then(() => run(args, environment));
  last = done.catch(() => undefined);
  return done;
}

async function run(args, environment) {
  const [stdout, stderr] = [collector(), collector()];
  const restore = replace({
    argv: [process.execPath, "latchkey", ...args],
    env: environment,
    stdout: stdout.stream,
    stderr: stderr.stream,
  });
  const exitCode = process.exitCode;
  process.exitCode = undefined;
  try {
    // The program runs when it is loaded: the query makes it a module of its own each time.
    await import(`../../dist/cli/latchkey.js?run=${++runs}`);
    return { code: process.exitCode ?? 0, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    process.exitCode = exitCode;
    restore();
  }
}

function collector() {
  const stream = new PassThrough();
  let text = "";
  stream.setEncoding("utf8").on("data", (chunk) => (text += chunk));
  return { stream, text: () => text + (stream.read() ?? "") };
}

/** Replaces properties of `process`; answers how to put the old ones back. */
function replace(properties) {
  const before = Object.keys(properties).map((name) => [
    name,
    Object.getOwnPropertyDescriptor(process, name),
  ]);
  for (const [name, value] of Object.entries(properties)) {
    Object.defineProperty(process, name, { value, writable: true, configurable: true, enumerable: true });
  }
  return () => {
    for (const [name, descriptor] of before) Object.defineProperty(process, name, descriptor);
  };
}
