import type { FastifyRequest } from "fastify";
import type { FieldCode } from "#wire/error-codes.js";
import { badInput, type FieldFault } from "../../../errors/latchkey-error.js";
import type { BodyRule } from "./dialect.js";
import type { Schema } from "./json-schema.js";

const FAULTS: Record<string, { code: FieldCode; message: string }> = {
  required: { code: "REQUIRED", message: "A value is needed." },
  minLength: { code: "TOO_SHORT", message: "The value is too short." },
  maxLength: { code: "TOO_LONG", message: "The value is too long." },
};
const WRONG_TYPE = { code: "INVALID_FORMAT", message: "The value is not of the type asked for." } as const;

/**
 * The body, when it fits the operation's schema; an absent one counts as an object without fields.
 * An operation that reads no body gets none: whatever was sent is ignored.
 *
 * @throws BAD_USER_INPUT naming every fault at once, in words that repeat no value.
 */
export function checkBody<Body>(request: FastifyRequest, rule: BodyRule<Body> | null): Body | undefined {
  if (!rule) return undefined;
  const body = isAbsent(request.body) ? {} : request.body;
  assertFits(request, rule.schema, body);
  return body;
}

function assertFits<Body>(
  request: FastifyRequest,
  schema: Schema<Body>,
  body: unknown,
): asserts body is Body {
  const validate = request.compileValidationSchema(schema, "body");
  if (!validate(body)) throw badInput(...(validate.errors ?? []).map(faultOf));
}

/**
 * No body, or JSON that holds nothing: clients write `null`, `""` or, as PHP does for an empty array, `[]` where they
 * have no fields to send.
 */
function isAbsent(body: unknown): boolean {
  return body == null || body === "" || (Array.isArray(body) && body.length === 0);
}

type SchemaError = NonNullable<ReturnType<FastifyRequest["compileValidationSchema"]>["errors"]>[number];

function faultOf({ instancePath, keyword, params }: SchemaError): FieldFault {
  const path = instancePath.split("/").slice(1);
  const missing: unknown = params.missingProperty;
  const { code, message } = FAULTS[keyword] ?? WRONG_TYPE;
  return { path: typeof missing === "string" ? [...path, missing] : path, code, message };
}
