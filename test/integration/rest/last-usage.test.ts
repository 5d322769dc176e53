import { registerUser, tokenStatusOf, bearer } from "../../support/client.js";
import { rowOf } from "../../support/token-calls.js";
import { onEachGateway } from "../../support/with-gateway.js";

onEachGateway("the last usage of a token", (setup) => {
  // It stops the gateway, which then writes what it still holds.
  it("lastUsageTime moves with use", async () => {
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
