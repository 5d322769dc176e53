import { get } from "node:http";
import type { Config } from "../config/config.js";

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
