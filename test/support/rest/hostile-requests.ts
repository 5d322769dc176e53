import { startOwnGateway, type OwnGateway } from "../own-gateway.js";
import type { Settings } from "../gateway.js";
import { MARKER } from "./refusals.js";

/** Runs rules against a gateway of their own, and looks through its log when they are done. */
export function underAttack(
  rules: Record<string, (url: () => string) => void>,
  settings: Settings = {},
): void {
  let gateway: OwnGateway;

  beforeAll(async () => {
    gateway = await startOwnGateway({ USER_TOKEN_LIMIT: "10000", PASSWORD_WORKERS: "2", ...settings });
  });

  afterAll(() => gateway.close());

  for (const [name, rule] of Object.entries(rules)) describe(name, () => rule(() => gateway.url));

  describe("the log", () => {
    it("knows of no error of our own, and repeats nothing that was sent", () => {
      expect(gateway.output.log).not.toMatch(/"level":"(?:warn|error)"/);
      expect(gateway.output.log).not.toContain(MARKER);
    });
  });
}
