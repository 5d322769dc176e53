import type { ServiceClient } from "./service-client.js";
import { fork } from "node:child_process";
import { join } from "node:path";
// Types alone: what runs is the built package, in the service's own process.
import type {
  PrivilegeOptions,
  PrivilegeViewer,
  Verification,
  VerifierStats,
} from "../../packages/verify/src/index.js";

const PROGRAM = join(import.meta.dirname, "service-program.mjs");

/** A service behind the gateway, in a process of its own. */
export interface Service {
  /** Resolves when its verifier is ready; throws what that says when it takes longer than so many milliseconds. */
  ready(timeout?: number): Promise<void>;
  /** Whether it accepts a token: `ok`, or the code of the refusal. */
  verify(token: string): Promise<string>;
  stats(): Promise<VerifierStats>;
  /** Closes the verifier; resolves with the code that the process ends with by itself. */
  stop(): Promise<number | null>;
}

type Options = Partial<PrivilegeOptions> & { gateway: string; client: ServiceClient };

/** Starts a service that is a client of the gateways, and follows the one at `gateway`. */
export async function startService({ client: { id, secret }, ...options }: Options): Promise<Service> {
  const child = fork(PROGRAM, { execArgv: [] });
  const waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  child.on("message", ({ id: call, answer, error }: { id: number; answer?: unknown; error?: string }) => {
    const { resolve, reject } = waiting.get(call)!;
    waiting.delete(call);
    if (error === undefined) resolve(answer);
    else reject(new Error(error));
  });
  const exited = new Promise<number | null>((resolve) => child.on("exit", resolve));
  void exited.then((code) => {
    for (const { reject } of waiting.values()) reject(new Error(`the service ended with ${code}`));
  });

  let calls = 0;
  const ask = (call: string, value?: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      waiting.set(++calls, { resolve, reject });
      child.send({ id: calls, call, value });
    });

  try {
    await ask("start", {
      issuer: "http://localhost:4000",
      audience: "supergraph",
      client: { id, secret },
      // A busy machine may keep a heartbeat for longer than the usual two seconds.
      maxStaleness: 10_000,
      ...options,
    });
  } catch (error) {
    child.kill();
    throw error;
  }
  return {
    ready: async (timeout) => {
      await ask("ready", timeout);
    },
    verify: async (token) => {
      const found = (await ask("verify", token)) as Verification<PrivilegeViewer>;
      return found.ok ? "ok" : found.code;
    },
    stats: () => ask("stats") as Promise<VerifierStats>,
    stop: async () => {
      await ask("close");
      return exited;
    },
  };
}
