import { registerUser, tokenStatusOf, bearer } from "../../support/client.js";
import { onEachGateway, rowOf } from "../../support/with-gateway.js";
import { accountRules } from "./accounts.test.js";
import { answerRules } from "./answers.test.js";
import { credentialRules } from "./credentials.test.js";
import { pathRules } from "./shared-paths.test.js";
import { refusalRules } from "./refusals.test.js";

onEachGateway("across all five dialects", (setup) => {
  pathRules(setup);
  credentialRules(setup);
  refusalRules(setup);
  accountRules(setup);
  answerRules(setup);

  // The last one: it stops the gateway, which writes what it still holds.
  it("A15 lastUsageTime moves with use", async () => {
    const [unused, first, again] = [
      await registerUser(setup.graphql),
      await registerUser(setup.graphql),
      await registerUser(setup.graphql),
    ];
    const sql = "UPDATE user_token SET lastUsageTime = ? WHERE `key` = ?";
    await setup.database.query(sql, [1_000, again.key]);
    const before = Date.now();
    for (const { token } of [first, again])
      expect(await tokenStatusOf(setup.graphql, bearer(token))).toBe("ok");
    const after = Date.now();
    await setup.gateway.stop();
    for (const { key } of [first, again]) {
      const used = Number((await rowOf(setup, key)).lastUsageTime);
      expect(used).toBeGreaterThanOrEqual(before);
      expect(used).toBeLessThanOrEqual(after);
    }
    expect((await rowOf(setup, unused.key)).lastUsageTime).toBeNull();
  });
});
