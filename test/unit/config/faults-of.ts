import type { Config } from "../../../src/config/config.js";
import { ConfigError } from "../../../src/config/config-error.js";
import { loadConfig, type LoadDeps } from "../../../src/config/load-config.js";
import type { Environment } from "../../../src/config/read-settings.js";

/** As long as `openssl rand -base64 48` prints; `mark` tells two apart. */
export const secretOf = (mark: string) => mark.repeat(64).slice(0, 64);

export const SERVER = "mysql://ann:pass@db/latchkey";

const DEPS: LoadDeps = {
  readDefaults: () => ({}),
  readMachine: () => ({ cpus: 2, memoryBytes: 2 ** 34 }),
  readFile: () => {
    throw new Error("no file is expected to be read");
  },
};

/** Loads in /srv, on two cores, with no file to read unless one is given. */
export const load = (env: Environment, deps: Partial<LoadDeps> = {}): Config =>
  loadConfig(env, "/srv", { ...DEPS, ...deps });

/** The error that loading throws. */
export function errorOf(env: Environment, deps: Partial<LoadDeps> = {}): ConfigError {
  try {
    load(env, deps);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("the configuration was accepted");
}

/** The names of its faults, in order. */
export const faultsOf = (env: Environment, deps: Partial<LoadDeps> = {}): string[] =>
  errorOf(env, deps).faults.map(({ name }) => name);
