import {
  lexicographicSortSchema,
  isObjectType,
  parse,
  print,
  printSchema,
  visit,
  type ConstDirectiveNode,
  type DocumentNode,
  type GraphQLSchema,
  type ObjectTypeDefinitionNode,
} from "graphql";
import { SECURITY_DIRECTIVES } from "./security-directives.js";

const FEDERATION = "https://specs.apollo.dev/federation/v2.9";

/**
 * The SDL that supergraphs are composed of: the contract with its federation
 * directives, which graphql-js keeps but does not print, and the link to their definitions.
 *
 * @param security whether it holds `@authenticated` and `@requiresScopes` too.
 */
export function printSubgraph(contract: GraphQLSchema, security: boolean): string {
  const sorted = lexicographicSortSchema(contract);
  const used = new Set<string>();
  const kept = (node: { directives?: readonly ConstDirectiveNode[] } | null | undefined) => {
    const directives = (node?.directives ?? []).filter(
      ({ name }) => security || !SECURITY_DIRECTIVES.has(name.value),
    );
    for (const { name } of directives) used.add(`@${name.value}`);
    return directives;
  };
  const roots = new Set([sorted.getQueryType(), sorted.getMutationType()]);
  const withDirectives = (node: ObjectTypeDefinitionNode): ObjectTypeDefinitionNode => {
    const type = sorted.getType(node.name.value);
    if (!isObjectType(type)) return node;
    const fields = type.getFields();
    return {
      ...node,
      // A supergraph's root types are of all its subgraphs: our words for ours would describe theirs.
      description: roots.has(type) ? undefined : node.description,
      directives: kept(type.astNode),
      fields: node.fields?.map((field) => ({
        ...field,
        directives: [...(field.directives ?? []), ...kept(fields[field.name.value]?.astNode)],
      })),
    };
  };
  const document: DocumentNode = visit(parse(printSchema(sorted)), { ObjectTypeDefinition: withDirectives });
  const imports = [...used].sort().map((name) => `"${name}"`);
  return `extend schema @link(url: "${FEDERATION}", import: [${imports.join(", ")}])\n\n${print(document)}\n`;
}
