import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Ends the run with a clear word when the load generator is not there. */
export function requireWrk() {
  if (spawnSync("wrk", ["-v"]).error) {
    console.error("The bench needs wrk, an HTTP load generator (Debian: apt install wrk).");
    process.exit(2);
  }
}

/** The command, on one CPU where the system can do that: server and generator must not share one. */
export function pinned(cpu, command) {
  return process.platform === "linux" && cpu !== null ? ["taskset", "-c", String(cpu), ...command] : command;
}

/**
 * Sends the same request over and over; a POST unless another method is named. The body may be left out.
 * @returns requests per second, latencies in ms, and how many answers were not 2xx or 3xx.
 */
export async function load({ url, method = "POST", headers, body, connections, seconds, cpu = null }) {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-bench-"));
  const script = join(folder, "request.lua");
  const lines = Object.entries(headers).map(([name, value]) => `wrk.headers[${lua(name)}] = ${lua(value)}`);
  if (body !== undefined) lines.push(`wrk.body = ${lua(body)}`);
  writeFileSync(script, [`wrk.method = ${lua(method)}`, ...lines].join("\n"));
  const command = ["wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "--latency", "-s", script, url];
  const text = await output(pinned(cpu, command));
  rmSync(folder, { recursive: true });
  return {
    rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]),
    requests: Number(/(\d+) requests in/.exec(text)?.[1]),
    p50: milliseconds(/50%\s+([\d.]+)(us|ms|s)/.exec(text)),
    p99: milliseconds(/99%\s+([\d.]+)(us|ms|s)/.exec(text)),
    failed: Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0),
  };
}

const lua = (text) => JSON.stringify(text);

const milliseconds = (found) => (found ? Number(found[1]) * { us: 0.001, ms: 1, s: 1000 }[found[2]] : NaN);

function output([command, ...args]) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part) => (text += part));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve(text) : reject(new Error(`wrk ended with ${code}`))));
  });
}
