import { isContact } from "../../accounts/normalise-identifier.js";
import type { User } from "../../entities/user.js";
import type { LatchkeyError } from "../../errors/latchkey-error.js";

/** Refuses one field: throws, or answers null where the contract has room for it. */
export interface FieldRefusals {
  required: () => never;
  nullable: () => null;
}

/**
 * An error costs many times what a value does, and one operation can ask for tens of thousands of private
 * fields. So this many are explained; the rest of what can be null is null, beside these errors.
 */
const MAX_EXPLAINED = 100;

/** Refusals of one list of references. */
export function createRefusals(refusal: LatchkeyError): FieldRefusals {
  let explained = 0;
  const required = (): never => {
    throw refusal;
  };
  return { required, nullable: () => (explained++ < MAX_EXPLAINED ? required() : null) };
}

/**
 * What others see of an account: its id and its username. Anything else is refused,
 * and so is a username that is an e-mail address or a telephone number: a way to reach its owner.
 */
export function publicView({ id, username }: User, { required, nullable }: FieldRefusals): User {
  // A literal, so that a column which is added to accounts does not compile until it stands here.
  return {
    id,
    get username() {
      return isContact(username) ? required() : username;
    },
    get email() {
      return nullable();
    },
    get phone() {
      return nullable();
    },
    get passwordHash() {
      return required();
    },
    get locale() {
      return required();
    },
    get role() {
      return required();
    },
    get enabled() {
      return required();
    },
    get creationTime() {
      return required();
    },
    get lastLoginTime() {
      return nullable();
    },
    get tokensValidFrom() {
      return required();
    },
    get privilegesValidFrom() {
      return required();
    },
  } satisfies Required<User>;
}
