import { oneIn, randomOf, type Random } from "../seeded.js";
import { Role } from "../../../src/entities/role.js";
import { DAY, SECOND, type RevocationModel } from "./model.js";

/** What may happen to an account and one of its tokens. The rarer ones end so much that little could follow. */
export const ACTIONS: ((model: RevocationModel, key: string, random: Random) => Promise<unknown>)[] = [
  (model, _key, random) =>
    model.login(randomOf(random, [null, 90 * SECOND, DAY, 30 * DAY]), randomOf(random, [0, 20 * SECOND])),
  (model, key, random) => model.use(key, randomOf(random, [0, 20 * SECOND])),
  (model, key, random) => model.rotate(key, randomOf(random, [0, 10 * SECOND])),
  (model, key, random) => model.enable(key, randomOf(random, [true, false])),
  (model, key, random) => model.expireIn(key, randomOf(random, [20 * SECOND, DAY / 2, 10 * DAY, 60 * DAY])),
  (model, _key, random) => model.setRole(randomOf(random, [Role.USER, Role.ADMIN])),
  async (model, key, random) => oneIn(random, 3) && model.revoke(key),
  async (model, key, random) => oneIn(random, 8) && model.revokeAll(randomOf(random, [null, key])),
  async (model, _key, random) => {
    if (!oneIn(random, 8)) return;
    await model.setEnabled(false);
    await model.setEnabled(true);
    // Within the very second.
    await model.login(DAY);
  },
];
