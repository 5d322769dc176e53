import { Command } from "commander";
import { loadConfig } from "../config/load-config.js";
import { LatchkeyError } from "../errors/latchkey-error.js";
import { askHealth } from "./ask-health.js";

/** `latchkey health` */
export function healthCommand(): Command {
  return new Command("health")
    .description("ask the gateway on this machine whether it lives; exit code 0 if it does, else 1")
    .option("--ready", "ask whether it can serve")
    .action(async ({ ready = false }: { ready?: boolean }) => {
      const path = ready ? "/readyz" : "/healthz";
      const answer = await askHealth(loadConfig(), path);
      const said = "status" in answer ? String(answer.status) : answer.problem;
      if (said !== "200") {
        throw new LatchkeyError("SERVICE_UNAVAILABLE", { detail: `${path} of the gateway: ${said}` });
      }
      process.stdout.write(`${ready ? "ready" : "ok"}\n`);
    });
}
