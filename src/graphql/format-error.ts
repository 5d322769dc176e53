import type { ValidationError } from "class-validator";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { ArgumentValidationError } from "type-graphql";
import { GRAPHQL_CODES, type FieldCode } from "#wire/error-codes.js";
import type { AuthErrorCode } from "#wire/error-extensions.js";
import { toGraphqlError } from "../errors/to-graphql-error.js";
import { badInput, LatchkeyError, type FieldFault } from "../errors/latchkey-error.js";
import { describeRefusal } from "./describe-refusal.js";

/** Apollo's codes for what it refuses before execution; their texts concern the query, not us. */
const FROM_APOLLO: ReadonlySet<string> = new Set<AuthErrorCode>([
  ...GRAPHQL_CODES,
  "BAD_USER_INPUT",
  "BAD_REQUEST",
]);

/**
 * The one way out for errors of GraphQL: what was thrown on purpose is printed
 * with its code, what Apollo refused is printed without the values it quotes,
 * and everything else is masked.
 */
export function formatError(formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError {
  const original = originalOf(thrown);
  const { locations, path } = formatted;
  if (original instanceof LatchkeyError) return { ...toGraphqlError(original), locations, path };
  if (original instanceof ArgumentValidationError) {
    const error = new LatchkeyError("BAD_USER_INPUT", {
      fields: faultsOf(original.extensions.validationErrors),
    });
    return { ...toGraphqlError(error), locations, path };
  }
  const argument = badArgumentOf(thrown);
  if (argument) return { ...toGraphqlError(badInput(wrongType([argument]))), locations, path };
  const code = refusalCodeOf(thrown);
  if (code !== null) return refusal(formatted, code);
  return { ...toGraphqlError(new LatchkeyError("INTERNAL_SERVER_ERROR")), locations, path };
}

/** True for what was not thrown on purpose. It must be logged, because the caller learns nothing of it. */
export function isDefect(thrown: unknown): boolean {
  const original = originalOf(thrown);
  if (original instanceof LatchkeyError) return false;
  if (original instanceof ArgumentValidationError || badArgumentOf(thrown)) return false;
  return refusalCodeOf(thrown) === null;
}

/** What a resolver or a hook threw, from under graphql-js's wrapping. */
export function originalOf(thrown: unknown): unknown {
  return thrown instanceof GraphQLError ? (thrown.originalError ?? thrown) : thrown;
}

/**
 * The argument that graphql-js could not make a value of while executing: a variable with a default
 * that was null where null is not allowed. Its text quotes the literal around the variable.
 */
function badArgumentOf(thrown: unknown): string | undefined {
  const original = originalOf(thrown);
  return original instanceof GraphQLError
    ? /^Argument "(\w+)" (?:of|has) /.exec(original.message)?.[1]
    : undefined;
}

/** The code of what Apollo refused; null for anything else. That has no path in the result: a resolver's error always has one. */
function refusalCodeOf(thrown: unknown): string | null {
  if (!(thrown instanceof GraphQLError) || thrown.path) return null;
  // graphql-js stops counting wrong variables with an error that Apollo does not know for one.
  if (thrown.message.startsWith("Too many errors processing variables")) return "BAD_USER_INPUT";
  const { code } = thrown.extensions;
  return typeof code === "string" && FROM_APOLLO.has(code) ? code : null;
}

function refusal({ message, locations }: GraphQLFormattedError, code: string): GraphQLFormattedError {
  const { message: text, fields } = describeRefusal(message, code);
  return { message: text, locations, extensions: fields ? { code, fields } : { code } };
}

const wrongType = (path: string[]): FieldFault => ({
  path,
  code: "INVALID_FORMAT",
  message: "The value is not of the type asked for.",
});

const CONSTRAINT_CODES: Record<string, FieldCode> = {
  maxLength: "TOO_LONG",
  arrayMaxSize: "TOO_LONG",
};

function faultsOf(errors: readonly ValidationError[], parent: readonly string[] = ["input"]): FieldFault[] {
  return errors.flatMap(({ property, constraints, children }) => {
    const path = [...parent, property];
    const own = Object.entries(constraints ?? {}).map(([name, message]) => ({
      path,
      code: CONSTRAINT_CODES[name] ?? ("INVALID_FORMAT" as const),
      message,
    }));
    return [...own, ...faultsOf(children ?? [], path)];
  });
}
