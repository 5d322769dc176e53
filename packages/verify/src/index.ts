export type { UnauthenticatedReason } from "#wire/error-codes.js";
export type {
  AuthErrorCode,
  AuthErrorExtensions,
  AuthFieldError,
  AuthFieldErrorCode,
} from "#wire/error-extensions.js";
export { createVerifier } from "./create-verifier.js";
export type {
  FetchHeaders,
  HeaderList,
  HeaderMap,
  NodeHeaders,
  RequestHeaders,
} from "./find-authorization.js";
export type { PrivilegeOptions, UserOptions, VerifierLog, VerifierOptions } from "./options.js";
export type { Credential } from "./read-token.js";
export { REFUSALS } from "./verification.js";
export type {
  Acceptance,
  PrivilegeViewer,
  Refusal,
  RefusalCode,
  UserViewer,
  Verification,
} from "./verification.js";
export type { Verifier, VerifierStats } from "./verifier.js";
