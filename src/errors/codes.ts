/**
 * Every error a caller can meet, in one closed table.
 *
 * `status` is the answer of endpoints with real HTTP statuses (GraphQL answers 200
 * for an executed operation, but for SERVICE_UNAVAILABLE). `message` is the
 * text when the thrower gives none. `logLevel` is how loudly it is logged.
 */
export const ERROR_CODES = {
  UNAUTHENTICATED: { status: 401, message: "A valid credential is needed.", logLevel: "debug" },
  FORBIDDEN: { status: 403, message: "This credential does not allow that.", logLevel: "info" },
  BAD_USER_INPUT: { status: 400, message: "Some values cannot be accepted.", logLevel: "debug" },
  CONFLICT: { status: 409, message: "This is already taken.", logLevel: "debug" },
  NOT_FOUND: { status: 404, message: "There is no such thing.", logLevel: "debug" },
  TOO_MANY_REQUESTS: { status: 429, message: "Too many attempts. Try again later.", logLevel: "debug" },
  SERVICE_UNAVAILABLE: { status: 503, message: "The service is busy. Try again shortly.", logLevel: "warn" },
  BAD_REQUEST: { status: 400, message: "This is not a request the gateway can read.", logLevel: "debug" },
  INTERNAL_SERVER_ERROR: { status: 500, message: "Something went wrong on our side.", logLevel: "error" },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Why a credential was refused: `extensions.reason` of UNAUTHENTICATED. */
export const UNAUTHENTICATED_REASONS = {
  NO_CREDENTIAL: "Sign in first: no credential was presented.",
  INVALID_CREDENTIAL: "The credential is not valid.",
  TOKEN_EXPIRED: "The token has expired. Sign in again.",
  TOKEN_DISABLED: "The token is disabled.",
  TOKEN_REVOKED: "The token has been revoked. Sign in again.",
  BAD_LOGIN: "The user or the password is wrong.",
} as const;

export type UnauthenticatedReason = keyof typeof UNAUTHENTICATED_REASONS;

/** What is wrong with one value: `extensions.fields[].code`. */
export type FieldCode =
  | "REQUIRED"
  | "TOO_SHORT"
  | "TOO_LONG"
  | "INVALID_FORMAT"
  | "INVALID_CHARACTER"
  | "OUT_OF_RANGE"
  | "NOT_ALLOWED"
  | "NOT_IN_FUTURE"
  | "WEAK_PASSWORD"
  | "TAKEN"
  | "LIMIT_REACHED"
  | "CROSS_SITE";

/** What is refused before it is executed, in Apollo's own codes: our errors are never thrown with them. */
export const GRAPHQL_CODES = [
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "PERSISTED_QUERY_NOT_SUPPORTED",
] as const;

export type GraphqlCode = (typeof GRAPHQL_CODES)[number];
