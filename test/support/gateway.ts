import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CLI = join(import.meta.dirname, "../../dist/cli/latchkey.js");

/** 32 bytes and more; every gateway of a test suite shares it, as the nodes of one installation do. */
export const TEST_SECRET = "a-secret-of-the-test-suite-that-is-long-enough";

/** What every test gateway is set to: nothing of the developer's own environment gets in. */
const BASE_ENVIRONMENT = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  PORT: "0",
  NODE_ENV: "test",
  ISSUER: "http://localhost:4000",
  LATCHKEY_SECRET: TEST_SECRET,
  // The cheap scheme: what bcrypt does is tested where it matters.
  PASSWORD_HASH: "argon2id",
  // Many gateways run at once on a small machine: one hashing thread each is enough.
  PASSWORD_WORKERS: "1",
  // Suites register by the dozen from one address. Throttling has suites of its own.
  THROTTLE: "off",
};

export type Settings = Record<string, string | undefined>;

/** A gateway that listens. */
export interface RunningGateway {
  url: string;
  graphql: string;
  /** Everything it has written: its log, and standard error of one with a process of its own. */
  output: { log: string; errors: string };
  /** Drains it and closes everything. */
  stop(): Promise<unknown>;
}

/** A gateway with a process of its own. */
export interface GatewayProcess extends RunningGateway {
  process: ChildProcess;
  /** Resolves with the exit code, or the signal that ended it. */
  exited: Promise<number | NodeJS.Signals>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<number | NodeJS.Signals>;
}

type Environment = Record<string, string>;

declare global {
  /** Of gateway-environment.mjs. */
  var hostGateway: (environment: Environment) => Promise<Pick<RunningGateway, "url" | "output" | "stop">>;
  /** Of gateway-environment.mjs. */
  var shareGateway: (
    environment: Environment,
  ) => Promise<Pick<RunningGateway, "url" | "output"> & { databaseFile: string }>;
  /** Of gateway-environment.mjs. */
  var hostCommand: (args: string[], environment: Environment) => Promise<CliResult>;
}

/** Starts the built gateway on a free port, in the process of this worker; resolves when it listens. */
export async function startGateway(settings: Settings): Promise<RunningGateway> {
  const { url, output, stop } = await hostGateway(environmentOf(settings));
  return { url, graphql: `${url}/graphql`, output, stop };
}

/** The gateway with the default settings that the test files of this worker share; the first one starts it. */
export async function joinSharedGateway() {
  const { url, output, databaseFile } = await shareGateway(environmentOf({}));
  return { url, graphql: `${url}/graphql`, output, databaseFile };
}

/**
 * Starts the built gateway as its users do, in a process of its own; resolves when it listens.
 *
 * @param through a command that is to run it.
 */
export function spawnGateway(settings: Settings, through: string[] = []): Promise<GatewayProcess> {
  const { child, output, exited } = spawnCli(["serve"], settings, through);
  return new Promise((resolve, reject) => {
    const look = () => {
      const url = /ready at (http:\/\/\S+)\/graphql/.exec(output.errors)?.[1];
      if (url === undefined) return;
      child.stderr.off("data", look);
      const stop = () => {
        child.kill("SIGTERM");
        return exited;
      };
      resolve({ url, graphql: `${url}/graphql`, process: child, output, exited, stop });
    };
    child.stderr.on("data", look);
    void exited.then((code) => {
      reject(new Error(`the gateway ended with ${code}: ${output.errors}${output.log}`));
    });
  });
}

function environmentOf(settings: Settings): Environment {
  const set = Object.entries({ ...BASE_ENVIRONMENT, ...settings }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(set) as Environment;
}

export interface CliResult {
  code: number | string;
  stdout: string;
  stderr: string;
}

/** Runs one command of the CLI to its end, in the process of this worker: it reads no standard input. */
export const runCommand = (args: string[], settings: Settings): Promise<CliResult> =>
  hostCommand(args, environmentOf(settings));

/** Runs one command of the CLI to its end, in a process of its own. */
export async function runCli(
  args: string[],
  settings: Settings,
  stdin = "",
  through: string[] = [],
): Promise<CliResult> {
  const { child, output, exited } = spawnCli(args, settings, through);
  child.stdin.end(stdin);
  return { code: await exited, stdout: output.log, stderr: output.errors };
}

/** Runs a command without waiting for anything. */
export function spawnCli(args: string[], settings: Settings, through: string[] = []) {
  const { cwd, ...own } = settings;
  const [program = process.execPath, ...rest] = [...through, process.execPath, CLI, ...args];
  const child = spawn(program, rest, {
    env: environmentOf(own),
    cwd: cwd ?? tmpdir(),
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A command that has failed reads no more.
  child.stdin.on("error", () => undefined);
  const output = { log: "", errors: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.log += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.errors += text));
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.on("close", (code, signal) => {
      resolve(code ?? signal ?? 1);
    });
  });
  return { child, output, exited };
}

/** A folder of its own, removed by `remove`. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "latchkey-test-"));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}
