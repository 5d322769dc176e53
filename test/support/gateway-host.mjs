/** Loaded at the first gateway of a worker: test files without one do not wait for it. */
let loading;
const built = () => (loading ??= load());

async function load() {
  const [{ loadConfig }, { createLog }, { startGateway }] = await Promise.all(
    ["config/load-config.js", "lib/log.js", "serve.js"].map((path) => import(`../../dist/${path}`)),
  );
  return { loadConfig, createLog, startGateway };
}

/**
 * Starts the built gateway in this process, as `latchkey serve` does after it has read its environment: what is not
 * here are the signals, the exit code and the standard streams of a process.
 *
 * @param environment the variables, complete: nothing of `process.env` gets in.
 */
export async function hostGateway(environment) {
  const { loadConfig, createLog, startGateway } = await built();
  const output = { log: "", errors: "" };
  const config = loadConfig(environment);
  const log = createLog(config.logLevel, {
    write: (line) => {
      output.log += line;
    },
  });
  const { gateway, started } = await startGateway(config, log);
  let stopping;
  return { url: started.url, output, stop: () => (stopping ??= gateway.close()) };
}
