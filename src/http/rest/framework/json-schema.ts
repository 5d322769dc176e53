/** The part of JSON Schema that the dialects are described with; the same in OpenAPI 3.1. */
export interface JsonSchema {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  description?: string;
  enum?: readonly unknown[];
  anyOf?: readonly JsonSchema[];
  format?: string;
  minLength?: number;
  maxLength?: number;
  examples?: readonly unknown[];
}

/** An object whose named properties are all there, but for those marked `?`. Others are ignored. */
export function object(properties: Record<string, JsonSchema>): JsonSchema {
  const entries = Object.entries(properties);
  const required = entries.map(([name]) => name).filter((name) => !name.endsWith("?"));
  return {
    type: "object",
    properties: Object.fromEntries(entries.map(([name, schema]) => [name.replace(/\?$/, ""), schema])),
    ...(required.length > 0 ? { required } : {}),
  };
}

export const text = (description: string, more: JsonSchema = {}): JsonSchema => ({
  type: "string",
  description,
  ...more,
});

export const fixed = (...values: string[]): JsonSchema => ({ type: "string", enum: values });

/** A username, e-mail address or telephone number; in characters. */
export const userid = text("Username, e-mail address or telephone number.", { maxLength: 512 });
export const password = text("The password.", { maxLength: 1024 });
