import {
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  GraphQLUnionType,
  type GraphQLFieldConfig,
} from "graphql";
import { LatchkeyError } from "../../errors/latchkey-error.js";
import type { GraphqlContext } from "../context.js";
import { printSubgraph } from "./print-subgraph.js";
import type { ResolveReferences } from "./resolve-references.js";

export interface SubgraphOptions {
  resolveReferences: ResolveReferences;
  /** Whether `_service` tells the SDL: whether introspection does. */
  introspection: boolean;
  /** Whether the SDL holds the directives that routers refuse by. */
  directives: boolean;
}

type RootField = GraphQLFieldConfig<unknown, GraphqlContext>;

/**
 * The contract, with the two fields by which a router reaches a subgraph
 * (Apollo's subgraph specification). Everything else stays the schema that it was: `@apollo/subgraph` would build
 * it anew out of text, with federation's directives in it, and answer entities that nobody resolves with what was sent.
 */
export function toSubgraph(contract: GraphQLSchema, options: SubgraphOptions): GraphQLSchema {
  const config = contract.toConfig();
  const query = contract.getQueryType();
  if (!query) throw new Error("the contract has no queries");
  const { fields, ...rest } = query.toConfig();
  const extended = new GraphQLObjectType({
    ...rest,
    fields: {
      ...fields,
      _entities: entitiesField(contract.getType("User") as GraphQLObjectType, options.resolveReferences),
      _service: serviceField(contract, options),
    },
  });
  return new GraphQLSchema({
    ...config,
    query: extended,
    types: config.types.filter((type) => type !== query),
  });
}

function entitiesField(user: GraphQLObjectType, resolveReferences: ResolveReferences): RootField {
  const any = new GraphQLScalarType({
    name: "_Any",
    description: "A reference to an entity: its `__typename` and its key.",
  });
  const entity = new GraphQLUnionType({
    name: "_Entity",
    description: "What other subgraphs can refer to.",
    types: [user],
    resolveType: () => user.name,
  });
  return {
    description:
      "For routers: the accounts that other subgraphs refer to, as far as the caller may read them.",
    type: new GraphQLNonNull(new GraphQLList(entity)),
    args: {
      representations: {
        description: 'Each `{__typename: "User", id}`, at most 1,000 an operation.',
        type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(any))),
      },
    },
    resolve: (_root, { representations }: { representations?: unknown[] }, context) =>
      resolveReferences(representations ?? [], context),
  };
}

function serviceField(contract: GraphQLSchema, { introspection, directives }: SubgraphOptions): RootField {
  let sdl: string | undefined;
  const service = new GraphQLObjectType({
    name: "_Service",
    description: "This subgraph.",
    fields: { sdl: { description: "What supergraphs are composed of.", type: GraphQLString } },
  });
  return {
    description: "For composition: answers only where introspection does.",
    type: new GraphQLNonNull(service),
    resolve: () => {
      if (!introspection) throw new LatchkeyError("FORBIDDEN", { message: "The schema is not told here." });
      // Most processes are never asked.
      return { sdl: (sdl ??= printSubgraph(contract, directives)) };
    },
  };
}
