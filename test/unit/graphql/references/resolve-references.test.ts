import type { Viewer } from "../../../../src/credentials/viewer.js";
import type { User } from "../../../../src/entities/user.js";
import {
  createReferenceResolver,
  MAX_REFERENCES,
  type Resolved,
} from "../../../../src/graphql/references/resolve-references.js";
import type { GraphqlContext } from "../../../../src/graphql/context.js";
import { coalesce } from "../../../../src/lib/coalesce.js";
import { referenceTo } from "../../../support/references.js";
import { standingWith } from "../../tokens/records.js";

const idOf = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
const own = standingWith();

/** A store that counts what it is asked; every id below a hundred is somebody's. */
function countingStore() {
  const queries: (readonly string[])[] = [];
  const findUser = coalesce((ids: readonly string[]) => {
    queries.push(ids);
    const known = ids.filter((id) => Number(id.slice(-12)) < 100);
    return Promise.resolve(new Map(known.map((id) => [id, { ...own.user, id, username: `user ${id}` }])));
  });
  return { queries, resolve: createReferenceResolver({ findUser, usernames: "members" }) };
}

const contextOf = (viewer: Viewer) => ({ viewer }) as GraphqlContext;
const signedIn = () => contextOf({ kind: "delegated", record: own, mechanism: "bearer" });
/** Every entry of the answer, when it is there. */
const settled = (resolved: readonly Resolved[]) => Promise.all(resolved.map(async (each) => each));

const references = (...indexes: number[]) => indexes.map((index) => referenceTo(idOf(index)));

describe("resolving references", () => {
  it("asks the store once for all lists of an operation, and for each id once", async () => {
    const { queries, resolve } = countingStore();
    const context = signedIn();
    const lists = [references(1, 2, 1, 200), references(3, 2), [referenceTo(own.user.id)]];
    const resolved = await settled(lists.flatMap((list) => resolve(list, context)));
    expect(queries).toEqual([[idOf(1), idOf(2), idOf(200), idOf(3)]]);
    expect(resolved.map((user) => (user as User | null)?.id ?? null)).toEqual([
      ...[1, 2, 1].map(idOf),
      null,
      ...[3, 2].map(idOf),
      own.user.id,
    ]);
  });

  it("asks the store nothing for the caller's own account, for no references, and for what is no id", async () => {
    const { queries, resolve } = countingStore();
    const context = signedIn();
    await settled(resolve([referenceTo(own.user.id), referenceTo("x"), referenceTo("%")], context));
    expect(resolve([], context)).toEqual([]);
    expect(queries).toEqual([]);
  });

  it("asks the store nothing for a caller who may read nothing", () => {
    const { queries, resolve } = countingStore();
    for (const viewer of [
      { kind: "anonymous" },
      { kind: "invalid", reason: "TOKEN_EXPIRED", neverIssued: false },
    ] as const) {
      expect(() => resolve(references(1), contextOf(viewer))).toThrow(
        expect.objectContaining({ code: "UNAUTHENTICATED" }),
      );
    }
    expect(queries).toEqual([]);
  });

  it("counts the references of all lists of one operation together, and of each operation by itself", () => {
    const { resolve } = countingStore();
    const half = Array.from({ length: MAX_REFERENCES / 2 }, () => referenceTo(own.user.id));
    const context = signedIn();
    for (const list of [half, half]) expect(resolve(list, context)).toHaveLength(list.length);
    expect(() => resolve(references(1), context)).toThrow(
      expect.objectContaining({ code: "BAD_USER_INPUT" }),
    );
    expect(resolve([...half, ...half], signedIn())).toHaveLength(MAX_REFERENCES);
  });
});
