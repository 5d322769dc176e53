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

declare const FITTING: unique symbol;

/** A schema that knows the type of the values that fit it. Only the compiler sees `FITTING`. */
export interface Schema<T> extends JsonSchema {
  readonly [FITTING]?: T;
}

/** The type of the values that fit a schema. */
export type Fitting<S extends JsonSchema> = S extends Schema<infer T> ? T : unknown;

/** An object type, from the properties that `object` takes: a name that ends in `?` is an optional property. */
type FieldsOf<P extends Record<string, JsonSchema>> = {
  [Name in keyof P as Name extends `${string}?` ? never : Name]: Fitting<P[Name]>;
} & {
  [Name in keyof P as Name extends `${infer Bare}?` ? Bare : never]?: Fitting<P[Name]>;
};

/** An object with all named properties, except that those marked `?` are optional. Other properties are ignored. */
export function object<P extends Record<string, JsonSchema>>(properties: P): Schema<FieldsOf<P>> {
  const entries = Object.entries(properties);
  const required = entries.map(([name]) => name).filter((name) => !name.endsWith("?"));
  return {
    type: "object",
    properties: Object.fromEntries(entries.map(([name, schema]) => [name.replace(/\?$/, ""), schema])),
    ...(required.length > 0 ? { required } : {}),
  };
}

export const text = (description: string, more: Omit<JsonSchema, "type"> = {}): Schema<string> => ({
  type: "string",
  description,
  ...more,
});

export const nullable = <T>(schema: Schema<T>): Schema<T | null> => ({
  ...schema,
  type: [schema.type ?? [], "null"].flat(),
});

export const fixed = (...values: string[]): Schema<string> => ({ type: "string", enum: values });

/** A username, e-mail address or telephone number; in characters. */
export const userid = text("Username, e-mail address or telephone number.", { maxLength: 512 });
export const password = text("The password.", { maxLength: 1024 });
