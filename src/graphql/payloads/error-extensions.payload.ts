import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import type { UnauthenticatedReason } from "#wire/error-codes.js";
import type {
  AuthErrorCode,
  AuthErrorExtensions as Extensions,
  AuthFieldErrorCode,
} from "#wire/error-extensions.js";

/*
 * No field answers these types: errors stand beside the data of a GraphQL answer, not in it. They are in
 * the schema so that introspection and code generators know the lists. Their names begin with Auth because an enum of
 * the same name in another subgraph would become one with ours.
 */

/** The compiler holds each list against packages/wire/src/error-codes.ts: none may lack, none may be added. */
type Described<Code extends string> = Record<Code, { description: string }>;

const CODES: Described<AuthErrorCode> = {
  UNAUTHENTICATED: {
    description: "A valid credential is needed. `reason` says what is wrong with this one.",
  },
  FORBIDDEN: { description: "The credential does not allow it." },
  BAD_USER_INPUT: { description: "Values cannot be accepted. `fields` names each." },
  CONFLICT: { description: "An identifier is taken. `fields` names it." },
  NOT_FOUND: { description: "The caller has no such thing." },
  TOO_MANY_REQUESTS: { description: "Too many failed logins, or registrations. Wait `retryAfter` seconds." },
  SERVICE_UNAVAILABLE: {
    description: "Busy, or the database is away. Repeat the request after `retryAfter` seconds.",
  },
  BAD_REQUEST: { description: "Not a request that the gateway can read, or one with two credentials." },
  INTERNAL_SERVER_ERROR: { description: "A defect of the gateway. Its log has it." },
  GRAPHQL_PARSE_FAILED: { description: "The document is not GraphQL." },
  GRAPHQL_VALIDATION_FAILED: { description: "The document does not fit the schema, or is too large." },
  OPERATION_RESOLUTION_FAILURE: { description: "The document has no such operation." },
  PERSISTED_QUERY_NOT_SUPPORTED: {
    description: "For client libraries alone, which then send the whole query.",
  },
};

const REASONS: Described<UnauthenticatedReason> = {
  NO_CREDENTIAL: { description: "None was presented." },
  INVALID_CREDENTIAL: { description: "Malformed, forged, another user's, or of the wrong kind." },
  TOKEN_EXPIRED: { description: "The token's time is over." },
  TOKEN_DISABLED: { description: "The token is disabled; it may be enabled again." },
  TOKEN_REVOKED: {
    description: "The token was logged out, revoked or superseded by a rotation, or its user is disabled.",
  },
  BAD_LOGIN: {
    description: "The user or the password is wrong. It says nothing of a token that was sent along.",
  },
};

const FIELD_CODES: Described<AuthFieldErrorCode> = {
  REQUIRED: { description: "A value is missing." },
  TOO_SHORT: { description: "The value is too short." },
  TOO_LONG: { description: "The value is too long, or has too many entries." },
  INVALID_FORMAT: { description: "The value is not of the form or the type asked for." },
  INVALID_CHARACTER: { description: "The value has a character that does not belong there." },
  OUT_OF_RANGE: { description: "The value is too small or too large." },
  NOT_ALLOWED: { description: "The value is well formed, and not for this caller or this request." },
  CROSS_SITE: { description: "A page of another site asked for it, which only the gateway's own site may." },
  NOT_IN_FUTURE: { description: "The instant is not in the future." },
  WEAK_PASSWORD: { description: "The password is easily guessed." },
  TAKEN: { description: "Another account has this identifier." },
  LIMIT_REACHED: { description: "There are as many as there may be." },
};

const codes = registered("AuthErrorCode", "What kind of error it is: `errors[].extensions.code`.", CODES);
const reasons = registered(
  "UnauthenticatedReason",
  "Why a credential was refused: `errors[].extensions.reason` beside the code UNAUTHENTICATED.",
  REASONS,
);
const fieldCodes = registered(
  "AuthFieldErrorCode",
  "What is wrong with one value: `errors[].extensions.fields[].code`.",
  FIELD_CODES,
);

@ObjectType({ description: "One value that was refused: an entry of `errors[].extensions.fields`." })
export class AuthFieldError {
  @Field(() => [String], {
    description: "Where the value stands, from the argument or the variable on, such as input, username.",
  })
  path!: string[];

  @Field(() => fieldCodes, { description: "What is wrong with it." })
  code!: AuthFieldErrorCode;

  @Field(() => String, { description: "The same for people. It never repeats the value." })
  message!: string;
}

@ObjectType({
  description:
    "What stands in `errors[].extensions` of an answer. No field answers it: it is here for code generators.",
})
export class AuthErrorExtensions implements Extensions {
  @Field(() => codes, { description: "What kind of error it is." })
  code!: AuthErrorCode;

  @Field(() => reasons, { nullable: true, description: "With the code UNAUTHENTICATED: why." })
  reason?: UnauthenticatedReason;

  @Field(() => [AuthFieldError], {
    nullable: true,
    description: "With the codes BAD_USER_INPUT and CONFLICT: which values, and why.",
  })
  fields?: AuthFieldError[];

  @Field(() => Int, {
    nullable: true,
    description: "With the codes TOO_MANY_REQUESTS and SERVICE_UNAVAILABLE: how many seconds to wait.",
  })
  retryAfter?: number;
}

/** The enum that type-graphql knows by this object; its values are the codes themselves. */
function registered(name: string, description: string, values: Described<string>): Record<string, string> {
  const codes = Object.fromEntries(Object.keys(values).map((code) => [code, code]));
  registerEnumType(codes, { name, description, valuesConfig: values });
  return codes;
}
