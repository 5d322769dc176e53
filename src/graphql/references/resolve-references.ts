import type { User } from "../../entities/user.js";
import { badInput, type LatchkeyError } from "../../errors/latchkey-error.js";
import type { FieldCode } from "#wire/error-codes.js";
import { isUuid } from "#wire/is-uuid.js";
import type { GraphqlContext } from "../context.js";
import { visibilityFor, type UsernameVisibility } from "./account-visibility.js";
import { createRefusals, publicView } from "./public-view.js";

/** References that one operation may have resolved, under all of its aliases together. */
export const MAX_REFERENCES = 1_000;

export interface ReferenceDeps {
  /** The account of an id; calls share their queries. */
  findUser: (id: string) => Promise<User | undefined>;
  usernames: UsernameVisibility;
}

/** An account, null for an id that nobody has, or why it is refused: GraphQL takes each for one entry of a list. */
export type Resolved = User | null | LatchkeyError | Promise<User | null>;

export type ResolveReferences = (representations: readonly unknown[], context: GraphqlContext) => Resolved[];

/**
 * Resolves what other subgraphs know of accounts: their ids. A router asks for it with the credential of
 * whoever asks the router, and anybody else can ask as well, so what is answered is judged here.
 *
 * @throws BAD_USER_INPUT for what is no reference to an account, or too many; UNAUTHENTICATED for a caller
 * who may read nothing at all.
 */
export function createReferenceResolver({ findUser, usernames }: ReferenceDeps): ResolveReferences {
  const asked = new WeakMap<GraphqlContext, number>();
  return (representations, context) => {
    const count = (asked.get(context) ?? 0) + representations.length;
    asked.set(context, count);
    if (count > MAX_REFERENCES) throw badReference([], "TOO_LONG", `At most ${MAX_REFERENCES} references.`);
    const ids = representations.map(readReference);
    const { own, others, refusal } = visibilityFor(context.viewer, usernames);
    if (!own && others === "nothing") throw refusal;
    const refusals = createRefusals(refusal);
    const find = async (id: string) => {
      const user = isUuid(id) ? await findUser(id) : undefined;
      if (!user) return null;
      return others === "whole" ? user : publicView(user, refusals);
    };
    return ids.map((id) => {
      if (id === own?.id) return own;
      return others === "nothing" ? refusal : find(id);
    });
  };
}

/** The id of `{ __typename: "User", id }`; whatever else stands in it is not looked at. */
function readReference(representation: unknown, index: number): string {
  const at = String(index);
  if (typeof representation !== "object" || representation === null || Array.isArray(representation)) {
    throw badReference([at], "INVALID_FORMAT", "A reference is an object.");
  }
  const { __typename: type, id } = representation as { __typename?: unknown; id?: unknown };
  if (type !== "User") {
    throw badReference(
      [at, "__typename"],
      type == null ? "REQUIRED" : "NOT_ALLOWED",
      "The one entity is User.",
    );
  }
  if (typeof id !== "string") {
    throw badReference([at, "id"], id == null ? "REQUIRED" : "INVALID_FORMAT", "An id is a string.");
  }
  return id;
}

function badReference(path: string[], code: FieldCode, message: string): LatchkeyError {
  return badInput({ path: ["representations", ...path], code, message });
}
