import type { UserViewer } from "../../../credentials/viewer.js";
import type { SessionCookieChange } from "../../../credentials/session-cookie.js";
import type { LatchkeyError } from "../../../errors/latchkey-error.js";
import type { RequestOrigin } from "../../../tokens/new-token.js";
import type { HttpServices } from "../../services.js";
import type { JsonSchema, Schema } from "./json-schema.js";

/** What the operations of all dialects work with: the services of GraphQL's resolvers. */
export type DialectServices = Pick<HttpServices, "config" | "accounts" | "tokens" | "issuePrivilege">;

/** A request that may be acted on: its body fits the schema. */
export interface Call<Body> {
  body: Body;
  from: RequestOrigin;
}

/** What an operation answers, with 200. */
export interface Answer {
  body: object;
  /** A change of the session cookie. */
  cookie?: SessionCookieChange;
}

/** The change of the cookie at a logout: it is cleared when it was the credential. */
export const clearedFor = ({ mechanism }: UserViewer): SessionCookieChange =>
  mechanism === "cookie" ? "clear" : null;

/** How a dialect's document presents a credential. Guarded operations take every other form too. */
export type CredentialForm = "bare" | "basic" | "bearer" | "x-auth-token" | "x-access-token" | "jwt";

/** What a body must be. One that is not required may be left out altogether. */
export interface BodyRule<Body> {
  schema: Schema<Body>;
  required: boolean;
}

interface Described<Body> {
  /** For the OpenAPI document. */
  summary: string;
  /** Null: no body is read. */
  body: BodyRule<Body> | null;
  /** What a 200 holds. */
  answer: JsonSchema;
  /** What a refusal holds. */
  failure: JsonSchema;
  /** The statuses of refusals that the operation itself knows. */
  failures: readonly number[];
  /** Writes a refusal. Its status is that of the error. */
  printError(error: LatchkeyError): object;
  /** Its document's answers name Accept in `Vary`. */
  variesByAccept?: boolean;
}

/** Needs no credential; one that is sent along is ignored. */
export interface PublicOperation<Body> extends Described<Body> {
  access: "public";
  run(services: DialectServices, call: Call<Body>): Promise<Answer>;
}

/** Signs in by the Basic header. */
export interface BasicOperation<Body> extends Described<Body> {
  access: "basic";
  run(
    services: DialectServices,
    call: Call<Body> & { basic: { userid: string; password: string } },
  ): Promise<Answer>;
}

/** Needs a valid user token. */
export interface GuardedOperation<Body> extends Described<Body> {
  access: "guarded";
  form: Exclude<CredentialForm, "basic">;
  run(services: DialectServices, call: Call<Body> & { caller: UserViewer }): Promise<Answer>;
}

/**
 * One operation of a dialect: reads the request, calls what GraphQL calls, writes
 * its document's answer, and its document's errors. It holds no rule of its own.
 */
export type Operation<Body = unknown> = PublicOperation<Body> | BasicOperation<Body> | GuardedOperation<Body>;

// The type of the body follows from the operation's schema.

export const publicOperation = <Body>(
  operation: Omit<PublicOperation<Body>, "access">,
): PublicOperation<Body> => ({ access: "public", ...operation });

export const basicOperation = <Body>(
  operation: Omit<BasicOperation<Body>, "access">,
): BasicOperation<Body> => ({
  access: "basic",
  ...operation,
});

export const guardedOperation = <Body>(
  operation: Omit<GuardedOperation<Body>, "access">,
): GuardedOperation<Body> => ({ access: "guarded", ...operation });

/** An error in a sentence or two, for dialects that have room for a text only: what is wrong with which value. */
export function sentenceOf({ message, fields }: LatchkeyError): string {
  if (!fields) return message;
  return fields.map((fault) => [...fault.path, fault.message].join(": ")).join(" ");
}
