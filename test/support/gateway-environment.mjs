import { createRequire } from "node:module";
import { hostCommand } from "./command-host.mjs";
import { hostGateway } from "./gateway-host.mjs";
import { joinSharedGateway, keepSharedGateway, releaseSharedGateway } from "./shared-gateway.mjs";

// The environment that jest itself brings along: its version must be jest's own.
const requireFromJest = createRequire(createRequire(import.meta.url).resolve("jest-config"));
const { TestEnvironment } = requireFromJest("jest-environment-node");

/**
 * Jest's Node environment, with gateways in it. An environment lives outside the sandbox of a test file, in the process
 * of its worker, so what it imports is loaded once for all files that the worker runs. Starting a process for each
 * gateway costs seven times as much.
 */
export default class GatewayEnvironment extends TestEnvironment {
  #hosted = new Set();

  async setup() {
    keepSharedGateway();
    await super.setup();
    this.global.hostGateway = async (environment) => {
      const gateway = await hostGateway(environment);
      this.#hosted.add(gateway);
      return gateway;
    };
    this.global.hostCommand = hostCommand;
    this.global.shareGateway = joinSharedGateway;
  }

  /** A suite that failed before its `afterAll` leaves gateways behind: they must not hold the worker. */
  async teardown() {
    await Promise.all([...this.#hosted].map((gateway) => gateway.stop()));
    releaseSharedGateway();
    await super.teardown();
  }
}
