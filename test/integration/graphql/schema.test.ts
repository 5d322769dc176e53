import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  buildSchema,
  findBreakingChanges,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInputType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isSpecifiedScalarType,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLNamedType,
} from "graphql";
import { runCommand } from "../../support/gateway.js";

const read = (path: string) => readFileSync(join(import.meta.dirname, path), "utf8");

const checkedIn = read("../../../schema.graphql");
const schema = buildSchema(checkedIn);
const contract = buildSchema(read("contract.graphql"));

const own = (types: Record<string, GraphQLNamedType>) =>
  Object.values(types).filter((type) => !type.name.startsWith("__") && !isSpecifiedScalarType(type));

const withFields = (type: GraphQLNamedType) =>
  isObjectType(type) || isInterfaceType(type) || isInputObjectType(type);

const input = (prefix: string, { name, type, defaultValue }: GraphQLArgument | GraphQLInputField) =>
  `${prefix}${name}: ${type.toString()}${defaultValue === undefined ? "" : ` = ${JSON.stringify(defaultValue)}`}`;

/** One line for each thing that a type is made of, with its exact type and default. */
function partsOf(type: GraphQLNamedType): string[] {
  if (isEnumType(type)) return type.getValues().map(({ name }) => `${type.name}.${name}`);
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).map((field) => input(`${type.name}.`, field));
  }
  if (!isObjectType(type)) return [type.name];
  return Object.values(type.getFields()).flatMap((field) => [
    `${type.name}.${field.name}: ${field.type.toString()}`,
    ...field.args.map((arg) => input(`${type.name}.${field.name}.`, arg)),
  ]);
}

const parts = (types: Record<string, GraphQLNamedType>) => own(types).flatMap(partsOf);

describe("schema.graphql", () => {
  it("is what the code prints", async () => {
    const { code, stdout } = await runCommand(["schema", "print"], {});
    expect(code).toBe(0);
    expect(stdout).toBe(checkedIn);
  });

  it("holds the whole contract, with exact types and defaults", () => {
    const held = new Set(parts(schema.getTypeMap()));
    const lacking = parts(contract.getTypeMap()).filter((part) => !held.has(part));
    expect(lacking).toEqual([]);
    expect(findBreakingChanges(contract, schema)).toEqual([]);
  });

  it("asks nothing more of callers than the contract does", () => {
    const required = own(schema.getTypeMap()).flatMap((type) => {
      if (isInputObjectType(type)) return Object.values(type.getFields()).filter(isRequiredInputField);
      return isObjectType(type)
        ? Object.values(type.getFields()).flatMap(({ args }) => args.filter(isRequiredArgument))
        : [];
    });
    const fixed = new Set(parts(contract.getTypeMap()).map((part) => part.slice(part.lastIndexOf(".") + 1)));
    expect(required.map((part) => input("", part)).filter((part) => !fixed.has(part))).toEqual([]);
  });

  it("describes every type, field, argument, input field and enum value", () => {
    const described = own(schema.getTypeMap()).flatMap((type) => [
      { path: type.name, description: type.description },
      ...(isEnumType(type)
        ? type.getValues().map(({ name, description }) => ({ path: `${type.name}.${name}`, description }))
        : []),
      ...(withFields(type) ? fieldsOf(type) : []),
    ]);
    expect(described.length).toBeGreaterThan(80);
    expect(described.filter(({ description }) => !description?.trim()).map(({ path }) => path)).toEqual([]);
  });

  it("has no cycle among its object types: no query can be made to grow without end", () => {
    const leadsTo = new Map(
      own(schema.getTypeMap())
        .filter(isObjectType)
        .map((type) => [
          type.name,
          Object.values(type.getFields())
            .map((field) => getNamedType(field.type))
            .filter((next) => !isInputType(next))
            .map(({ name }) => name),
        ]),
    );
    const cyclic = (name: string, path: string[]): string[] =>
      path.includes(name)
        ? [[...path, name].join(" > ")]
        : (leadsTo.get(name) ?? []).flatMap((next) => cyclic(next, [...path, name]));
    expect([...leadsTo.keys()].flatMap((name) => cyclic(name, []))).toEqual([]);
  });
});

function fieldsOf(type: GraphQLNamedType): { path: string; description: string | null | undefined }[] {
  if (!withFields(type)) return [];
  return Object.values(type.getFields()).flatMap((field) => {
    const path = `${type.name}.${field.name}`;
    const args: readonly GraphQLArgument[] = "args" in field ? field.args : [];
    return [
      { path, description: field.description },
      ...args.map(({ name, description }) => ({ path: `${path}(${name})`, description })),
    ];
  });
}
