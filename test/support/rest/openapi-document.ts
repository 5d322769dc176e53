import { createConfig, lintFromString } from "@redocly/openapi-core";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import type { JsonSchema } from "../../../src/http/rest/framework/json-schema.js";

interface Content {
  content: { "application/json": { schema: JsonSchema } };
}

export interface OperationObject {
  operationId: string;
  security: Record<string, []>[];
  requestBody?: Content & { required: boolean };
  responses: Record<string, Content>;
}

type SecurityScheme = { type: "http"; scheme: string } | { type: "apiKey"; in: "header"; name: string };

export interface OpenApiDocument {
  openapi: string;
  info: { title: string };
  servers: { url: string }[];
  paths: Record<string, Record<string, OperationObject>>;
  components: { securitySchemes: Record<string, SecurityScheme> };
}

/** What a linter finds, errors and warnings. */
export async function lint(source: string, name: string): Promise<string[]> {
  const config = await createConfig({ extends: ["recommended"] });
  const problems = await lintFromString({ source, absoluteRef: `${name}.json`, config });
  return problems.map(({ severity, ruleId, message }) => `${severity} ${ruleId}: ${message}`);
}

const ajv = formats.default(new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }));

type Schema = JsonSchema & { anyOf?: readonly Schema[]; oneOf?: readonly Schema[] };

/** What does not fit a schema, or the best of several; names that it does not know are faults too. */
export function faultsOf(schema: Schema, value: unknown): string[] {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) {
    const each = choices.map((choice) => faultsOf(choice, value));
    return each.find((faults) => faults.length === 0) ?? each.flat();
  }
  const validate = ajv.compile(schema);
  const faults = validate(value) ? [] : (validate.errors ?? []).map((fault) => ajv.errorsText([fault]));
  return [...faults, ...unknownNames(schema, value)];
}

function unknownNames({ properties = {} }: JsonSchema, value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const schema = properties[name];
    return schema ? unknownNames(schema, inner, `${path}/${name}`) : [`${path}/${name} is not described`];
  });
}

export const fits = (schema: JsonSchema, value: unknown): boolean => ajv.validate(schema, value);

/** The names of the headers that present a credential of an operation; null when it needs none. */
export function credentialHeaders({ components }: OpenApiDocument, { security }: OperationObject) {
  return security
    .flatMap((all) => Object.keys(all))
    .map((name) => {
      const scheme = components.securitySchemes[name]!;
      return scheme.type === "http" ? "authorization" : scheme.name.toLowerCase();
    });
}

const OF_EVERY_TYPE = [null, true, 0, 1.5, "text", [], ["text"], {}, { text: "text" }];

/** Bodies that a schema of an object refuses, made from one that it takes. */
export function refusedBodies(schema: JsonSchema, accepted: Record<string, unknown>): unknown[] {
  const changed = Object.entries(schema.properties ?? {}).flatMap(
    ([name, { maxLength, minLength, format }]) =>
      [
        ...OF_EVERY_TYPE.filter((value) => typeof value !== "string"),
        ...(maxLength === undefined ? [] : ["x".repeat(maxLength + 1), "\u{1f511}".repeat(maxLength + 1)]),
        ...(minLength === undefined ? [] : ["x".repeat(minLength - 1)]),
        ...(format === undefined ? [] : ["", "text", "2030-01-01", "2030-01-01T00:00:00"]),
      ].map((value) => ({ ...accepted, [name]: value })),
  );
  const missing = (schema.required ?? []).map((name) => ({ ...accepted, [name]: undefined }));
  const all = [...OF_EVERY_TYPE, ...changed, ...missing].map(
    (body) => JSON.parse(JSON.stringify(body)) as unknown,
  );
  return all.filter((body) => !fits(schema, body));
}
