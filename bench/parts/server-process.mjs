import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pinned } from "./wrk.mjs";

export const CLI = join(import.meta.dirname, "../../dist/cli/latchkey.js");

/** Starts the built gateway in production mode; `cpu` binds all its threads to one core. */
export function startGateway({ databaseUrl, cpu = null, settings = {} }) {
  const env = { ...environment(databaseUrl), ...settings };
  return start(pinned(cpu, [process.execPath, CLI, "serve"]), env, /ready at (http:\S+)/);
}

/** What every gateway and command of the bench is set to. */
export function environment(databaseUrl) {
  return {
    PATH: process.env.PATH,
    PORT: "0",
    ISSUER: "http://localhost:4000",
    LATCHKEY_SECRET: "a-secret-of-the-bench-that-is-long-enough",
    LOG_LEVEL: "error",
    THROTTLE: "off",
    DATABASE_URL: databaseUrl,
  };
}

/** The floor: bare node:http that reads the body and writes these bytes. */
export function startFloor({ answer, cpu = null }) {
  const script = join(import.meta.dirname, "floor-server.mjs");
  const env = { PATH: process.env.PATH, FLOOR_ANSWER: answer };
  return start(pinned(cpu, [process.execPath, script]), env, /ready at (http:\S+)/);
}

/** A feed of so many revocations, for verifiers. */
export function startFeed({ entries }) {
  const script = join(import.meta.dirname, "feed-process.mjs");
  const env = { PATH: process.env.PATH, FEED_ENTRIES: String(entries) };
  return start([process.execPath, script], env, /ready at (http:\S+)/);
}

function start([command, ...args], env, ready) {
  const child = spawn(command, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  let text = "";
  return new Promise((resolve, reject) => {
    child.stderr.setEncoding("utf8").on("data", (part) => {
      text += part;
      const url = ready.exec(text)?.[1];
      if (url) resolve({ url, pid: child.pid, stop: () => stop(child) });
    });
    child.on("close", (code) => reject(new Error(`the server ended with ${code}: ${text}`)));
  });
}

function stop(child) {
  const closed = new Promise((resolve) => child.on("close", resolve));
  child.kill("SIGTERM");
  return closed;
}

/** CPU time of a process so far, in µs, user and system (Linux; elsewhere NaN). */
export function cpuMicroseconds(pid) {
  if (process.platform !== "linux") return NaN;
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  // Fields 14 and 15 of proc(5), in clock ticks: 100 a second on every Linux that Node supports.
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** Resident memory in MiB (Linux; elsewhere NaN). */
export function rssMib(pid) {
  if (process.platform !== "linux") return NaN;
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
}
