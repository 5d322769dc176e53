import { Role } from "../../../src/entities/role.js";
import { DAY, SECOND, type RevocationModel } from "./model.js";

/** Numbers that look random and are the same in every run (Park and Miller). */
export function createRandom(seed: number) {
  let state = seed;
  const below = (limit: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
  return {
    oneIn: (count: number) => below(count) === 0,
    of: <T>(list: readonly T[]) => list[below(list.length)]!,
  };
}

export type Random = ReturnType<typeof createRandom>;

/** What may happen to an account and one of its tokens. The rarer ones end so much that little could follow. */
export const ACTS: ((model: RevocationModel, key: string, random: Random) => Promise<unknown>)[] = [
  (model, _key, { of }) => model.login(of([null, 90 * SECOND, DAY, 30 * DAY]), of([0, 20 * SECOND])),
  (model, key, { of }) => model.use(key, of([0, 20 * SECOND])),
  (model, key, { of }) => model.rotate(key, of([0, 10 * SECOND])),
  (model, key, { of }) => model.enable(key, of([true, false])),
  (model, key, { of }) => model.expireIn(key, of([20 * SECOND, DAY / 2, 10 * DAY, 60 * DAY])),
  (model, _key, { of }) => model.setRole(of([Role.USER, Role.ADMIN])),
  async (model, key, { oneIn }) => oneIn(3) && model.revoke(key),
  async (model, key, { oneIn, of }) => oneIn(8) && model.revokeAll(of([null, key])),
  async (model, _key, { oneIn }) => {
    if (!oneIn(8)) return;
    await model.setEnabled(false);
    await model.setEnabled(true);
    // Within the very second.
    await model.login(DAY);
  },
];
