import type { Settings } from "../gateway.js";
import { startOwnGateway, type OwnGateway } from "../own-gateway.js";
import { MARKER } from "./refusals.js";

/** Runs a suite against a gateway of its own. Afterwards it checks that the log holds no warning and no input. */
export function describeHostileRequests(
  title: string,
  suite: (gateway: OwnGateway) => void,
  settings: Settings = {},
): void {
  describe(title, () => {
    const gateway = {} as OwnGateway;

    beforeAll(async () => {
      const roomy = { USER_TOKEN_LIMIT: "10000", PASSWORD_WORKERS: "2", ...settings };
      Object.assign(gateway, await startOwnGateway(roomy));
    });

    suite(gateway);

    it("none of these requests causes a warning in the log, and the log repeats nothing that was sent", () => {
      expect(gateway.output.log).not.toMatch(/"level":"(?:warn|error)"/);
      expect(gateway.output.log).not.toContain(MARKER);
    });

    // After those of the suite: hooks run in the order of their definition.
    afterAll(() => gateway.close());
  });
}
