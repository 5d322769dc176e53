/** Starts the servers of an example, each a process of its own, and ends them all. */
import { execFile, spawn } from "node:child_process";
import { connect, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { Unprepared } from "./prepared.mjs";

const CLI = fileURLToPath(new URL("../../dist/cli/latchkey.js", import.meta.url));
const running = new Set();

/** Only what a program needs to run: no setting of the one who tries the examples gets in. */
const environment = (settings) => ({ PATH: process.env.PATH, HOME: process.env.HOME, ...settings });

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when something listens on `port`; throws when nothing does within 30 seconds. */
export async function listening(port) {
  for (let tries = 0; tries < 300; tries++) {
    const there = await new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
      socket.on("connect", () => socket.destroy());
    });
    if (there) return;
    await sleep(100);
  }
  throw new Error(`nothing listens on port ${port}`);
}

/** Starts `command`, and resolves when it has written something that `ready` matches; rejects when it ends. */
export function startServer(command, args, { settings = {}, cwd, ready }) {
  const child = spawn(command, args, { env: environment(settings), cwd, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  let output = "";
  return new Promise((resolve, reject) => {
    const read = (text) => {
      output += text;
      if (ready?.test(output)) resolve(child);
    };
    child.stdout.setEncoding("utf8").on("data", read);
    child.stderr.setEncoding("utf8").on("data", read);
    child.on("error", (error) => {
      // A child that never started never closes.
      running.delete(child);
      const missing = new Unprepared(`${command} is not installed; this example needs it`);
      reject(error.code === "ENOENT" ? missing : error);
    });
    child.on("close", (code, signal) => {
      running.delete(child);
      reject(new Error(`${[command, ...args].join(" ")} ended with ${code ?? signal}:\n${output}`));
    });
  });
}

/** Ends what still runs; what does not listen within five seconds is killed. */
export async function stopServers() {
  await Promise.all([...running].map(stopServer));
}

async function stopServer(child) {
  const closed = new Promise((resolve) => child.on("close", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await closed;
  clearTimeout(timer);
}

/** Runs one command of Latchkey to its end, and resolves with what it printed. */
export async function runLatchkey(args, settings, stdin = "") {
  const run = promisify(execFile)(process.execPath, [CLI, ...args], { env: environment(settings) });
  run.child.stdin.end(stdin);
  return (await run).stdout;
}

/** Starts Latchkey with an embedded database in `folder`. */
export async function startLatchkey(folder, settings = {}) {
  const port = await freePort();
  const all = { PORT: String(port), DATABASE_URL: `sqlite:${folder}/latchkey.sqlite`, ...settings };
  await startServer(process.execPath, [CLI, "serve"], { settings: all, cwd: folder, ready: /is ready at/ });
  return { url: `http://localhost:${port}`, graphql: `http://localhost:${port}/graphql`, settings: all };
}

/** Starts one of the example's own servers, an .mjs file that says where it is ready. */
export async function startScript(path, settings = {}) {
  const port = await freePort();
  const all = { PORT: String(port), ...settings };
  await startServer(process.execPath, [path], { settings: all, ready: /ready at/ });
  return `http://localhost:${port}`;
}
