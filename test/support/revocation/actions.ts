import { Role } from "../../../src/entities/role.js";
import { DAY, SECOND } from "./model.js";
import type { World } from "./model.js";

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
export const ACTS: ((world: World, key: string, random: Random) => Promise<unknown>)[] = [
  (world, _key, { of }) => world.login(of([null, 90 * SECOND, DAY, 30 * DAY]), of([0, 20 * SECOND])),
  (world, key, { of }) => world.use(key, of([0, 20 * SECOND])),
  (world, key, { of }) => world.rotate(key, of([0, 10 * SECOND])),
  (world, key, { of }) => world.enable(key, of([true, false])),
  (world, key, { of }) => world.expireIn(key, of([20 * SECOND, DAY / 2, 10 * DAY, 60 * DAY])),
  (world, _key, { of }) => world.setRole(of([Role.USER, Role.ADMIN])),
  async (world, key, { oneIn }) => oneIn(3) && world.revoke(key),
  async (world, key, { oneIn, of }) => oneIn(8) && world.revokeAll(of([null, key])),
  async (world, _key, { oneIn }) => {
    if (!oneIn(8)) return;
    await world.setEnabled(false);
    await world.setEnabled(true);
    // Within the very second.
    await world.login(DAY);
  },
];
