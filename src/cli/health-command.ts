import { Command } from "commander";
import { get } from "node:http";
import type { Config } from "../config/config.js";
import { loadConfig } from "../config/load-config.js";
import { warnOfNearNames } from "./warn-of-near-names.js";
import { LatchkeyError } from "../errors/latchkey-error.js";

/** How a gateway answered: a status, or why there was none. */
export type HealthAnswer = { status: number } | { problem: string };

/** Milliseconds. */
const PATIENCE_MS = 2_000;

/** Addresses that stand for all of the machine's own, and how the machine reaches itself. */
const LOOPBACK: Record<string, string> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** Asks the gateway that runs on this machine with this configuration. Never fails. */
export function askHealth({ server }: Pick<Config, "server">, path: string): Promise<HealthAnswer> {
  const { host, port } = server;
  if (port === 0) return Promise.resolve({ problem: "PORT is 0: the system chose the port" });
  const options = { host: LOOPBACK[host] ?? host, port, path, timeout: PATIENCE_MS };
  return new Promise((resolve) => {
    // An agent of its own: the shared one may be told by the environment to go through a proxy.
    const request = get({ ...options, agent: false }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0 });
    });
    request.on("timeout", () => {
      request.destroy(new Error(`no answer within ${PATIENCE_MS / 1_000} seconds`));
    });
    request.on("error", (error) => {
      resolve({ problem: error.message });
    });
  });
}

/** `latchkey health` */
export function healthCommand(): Command {
  return new Command("health")
    .description("ask the gateway on this machine whether it lives; exit code 0 if it does, else 1")
    .option("--ready", "ask whether it can serve")
    .action(async ({ ready = false }: { ready?: boolean }) => {
      warnOfNearNames();
      const path = ready ? "/readyz" : "/healthz";
      const answer = await askHealth(loadConfig(), path);
      const said = "status" in answer ? String(answer.status) : answer.problem;
      if (said !== "200") {
        throw new LatchkeyError("SERVICE_UNAVAILABLE", { detail: `${path} of the gateway: ${said}` });
      }
      process.stdout.write(`${ready ? "ready" : "ok"}\n`);
    });
}
